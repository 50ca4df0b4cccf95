import { Schema } from 'mongoose';

/** An initial access token (RFC 7591 §3): lets its holder register clients. */
export interface RegistrationToken {
  /** SHA-256 of the token, which itself is stored nowhere. */
  _id: string;
  usesLeft: number;
  /** The user who issued it. */
  issuedBy?: string | null;
  /** Worth nothing and forgotten then (TTL index). */
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const registrationTokenSchema = new Schema<RegistrationToken>(
  {
    _id: { type: String, required: true },
    usesLeft: { type: Number, required: true },
    issuedBy: { type: String, default: undefined },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'registrationTokens', timestamps: true, versionKey: false, strict: 'throw' },
);

registrationTokenSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
