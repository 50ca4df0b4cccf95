import { Schema } from 'mongoose';

/** An account whose owner lost every way in: one administrator asks, another one approves. */
export interface AssistedRecovery {
  /** UUID v7. */
  _id: string;
  userId: string;
  /** Ids of administrators. */
  requestedBy: string;
  approvedBy?: string | null;
  approvedAt?: Date | null;
  /** How the owner was recognised. */
  reason: string;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const assistedRecoverySchema = new Schema<AssistedRecovery>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    requestedBy: { type: String, required: true },
    approvedBy: { type: String, default: undefined },
    approvedAt: { type: Date, default: undefined },
    reason: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'assistedRecoveries', timestamps: true, versionKey: false, strict: 'throw' },
);

assistedRecoverySchema.index({ userId: 1 });
assistedRecoverySchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
