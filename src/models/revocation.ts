import { Schema } from 'mongoose';

export type RevocationKind = 'jti' | 'sid' | 'user' | 'client' | 'everything';

/** Access tokens named here are refused although their signature holds. Kept until the last of them has expired. */
export interface Revocation {
  /** `jti:<id>`, `sid:<id>`, `user:<id>`, `client:<id>` or `everything`. */
  _id: string;
  kind: RevocationKind;
  /** Tokens issued at or before are refused. */
  issuedBefore: Date;
  expiresAt: Date;
  /** When the entry last changed: replicas that were cut off read from their last mark. */
  updatedAt: Date;
}

export const revocationSchema = new Schema<Revocation>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    issuedBefore: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'revocations', versionKey: false, strict: 'throw' },
);

revocationSchema.index({ updatedAt: 1 });
revocationSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
