import { Schema } from 'mongoose';

export type ConfirmationKind =
  | 'confirmEmail'
  | 'confirmPhone'
  | 'changeEmail'
  | 'changePhone'
  | 'resetPassword'
  | 'factor';

/** A one-time proof that somebody receives mail or messages at `target`: a link (token), a code, or both. */
export interface Confirmation {
  /** UUID v7; part of the mailed link. */
  _id: string;
  kind: ConfirmationKind;
  userId: string;
  /** The normalised address or E.164 number it was sent to; of a second factor, the id of the factor. */
  target: string;
  /** SHA-256 of the link's 256-bit token. */
  tokenHash?: string | null;
  /** HMAC of the short code under a key of the installation: a leaked database must not allow a search of 10^6 codes. */
  codeHash?: string | null;
  /** Wrong codes that may still be tried. */
  attemptsLeft: number;
  usedAt?: Date | null;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const confirmationSchema = new Schema<Confirmation>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    userId: { type: String, required: true },
    target: { type: String, required: true },
    tokenHash: { type: String, default: undefined },
    codeHash: { type: String, default: undefined },
    attemptsLeft: { type: Number, required: true },
    usedAt: { type: Date, default: undefined },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'confirmations', timestamps: true, versionKey: false, strict: 'throw' },
);

confirmationSchema.index({ kind: 1, target: 1 });
confirmationSchema.index({ userId: 1 });
confirmationSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
