import { Schema } from 'mongoose';

export type SigningKeyStatus = 'next' | 'current' | 'retired';

/** A key that signs tokens. `next` is published before it signs, `retired` until its last token has expired. */
export interface SigningKey {
  /** The `kid`: the key's RFC 7638 thumbprint. */
  _id: string;
  algorithm: string;
  status: SigningKeyStatus;
  /** Public JWK as JSON. */
  publicJwk: string;
  /** Private JWK, encrypted under the master key. In no GraphQL type. */
  encryptedPrivateJwk: string;
  activatedAt?: Date | null;
  retiredAt?: Date | null;
  /** Removed from the JWKS then (TTL index). */
  expiresAt?: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export const signingKeySchema = new Schema<SigningKey>(
  {
    _id: { type: String, required: true },
    algorithm: { type: String, required: true },
    status: { type: String, enum: ['next', 'current', 'retired'], required: true },
    publicJwk: { type: String, required: true },
    encryptedPrivateJwk: { type: String, required: true },
    activatedAt: { type: Date, default: undefined },
    retiredAt: { type: Date, default: undefined },
    expiresAt: { type: Date, default: undefined },
  },
  { collection: 'signingKeys', timestamps: true, versionKey: false, strict: 'throw' },
);

// At most one key signs for an algorithm, and at most one waits: two replicas that rotate at once cannot both win.
signingKeySchema.index(
  { algorithm: 1, status: 1 },
  { unique: true, partialFilterExpression: { status: { $in: ['next', 'current'] } } },
);
signingKeySchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
