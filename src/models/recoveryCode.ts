import { Schema } from 'mongoose';

/** One of the codes that a person keeps on paper for the day the other factors are gone. */
export interface RecoveryCode {
  /** HMAC of account and code under a key of the installation: a leaked database allows no search. */
  _id: string;
  userId: string;
  /** All codes that were made together; a new set replaces the one before. */
  setId: string;
  usedAt?: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export const recoveryCodeSchema = new Schema<RecoveryCode>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    setId: { type: String, required: true },
    usedAt: { type: Date, default: undefined },
  },
  { collection: 'recoveryCodes', timestamps: true, versionKey: false, strict: 'throw' },
);

recoveryCodeSchema.index({ userId: 1, setId: 1 });
