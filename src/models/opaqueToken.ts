import { Schema } from 'mongoose';

/** An access token that says nothing by itself: what it stands for is kept here. */
export interface OpaqueToken {
  /** SHA-256 of the token, which itself is stored nowhere. */
  _id: string;
  /** The claims that a JWT would carry (RFC 9068 §2.2). */
  claims: Record<string, unknown>;
  /** Forgotten then (TTL index). */
  expiresAt: Date;
}

export const opaqueTokenSchema = new Schema<OpaqueToken>(
  {
    _id: { type: String, required: true },
    claims: { type: Schema.Types.Mixed, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'opaqueTokens', versionKey: false, strict: 'throw' },
);

opaqueTokenSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
