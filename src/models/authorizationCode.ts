import { Schema } from 'mongoose';

/** An authorization code (RFC 6749 §4.1.2), kept after its use so that a second use is recognised. */
export interface AuthorizationCode {
  /** SHA-256 of the code, which itself is stored nowhere. */
  _id: string;
  clientId: string;
  userId: string;
  sessionId: string;
  /** As the authorization request named it. */
  redirectUri: string;
  /** RFC 7636 §4.2, S256. */
  codeChallenge: string;
  scopes: string[];
  nonce?: string | null;
  /** RFC 8707. */
  resources: string[];
  /** RFC 9396, as granted. */
  authorizationDetails?: Record<string, unknown>[] | null;
  /** OpenID Connect Core §5.5. */
  claims?: Record<string, unknown> | null;
  /** Claims that the person left out of what the scopes stand for. */
  refusedClaims: string[];
  /** Of the consent that it was made of; absent: no consent was needed. */
  consentRevision?: string | null;
  /** RFC 9449 §10: thumbprint of the key that must redeem it. */
  senderKey?: string | null;
  /** No tokens for it from then on. */
  expiresAt: Date;
  usedAt?: Date | null;
  /** A second use, or the end of the consent: what the code gave, or is about to give, is void. */
  revokedAt?: Date | null;
  /** What the code gave, once it has. */
  accessTokenId?: string | null;
  familyId?: string | null;
  /** Forgotten then (TTL index). */
  removeAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const authorizationCodeSchema = new Schema<AuthorizationCode>(
  {
    _id: { type: String, required: true },
    clientId: { type: String, required: true },
    userId: { type: String, required: true },
    sessionId: { type: String, required: true },
    redirectUri: { type: String, required: true },
    codeChallenge: { type: String, required: true },
    scopes: { type: [String], default: [] },
    nonce: { type: String, default: undefined },
    resources: { type: [String], default: [] },
    authorizationDetails: { type: [Schema.Types.Mixed], default: undefined },
    claims: { type: Schema.Types.Mixed, default: undefined },
    refusedClaims: { type: [String], default: [] },
    consentRevision: { type: String, default: undefined },
    senderKey: { type: String, default: undefined },
    expiresAt: { type: Date, required: true },
    usedAt: { type: Date, default: undefined },
    revokedAt: { type: Date, default: undefined },
    accessTokenId: { type: String, default: undefined },
    familyId: { type: String, default: undefined },
    removeAt: { type: Date, required: true },
  },
  { collection: 'authorizationCodes', timestamps: true, versionKey: false, strict: 'throw' },
);

authorizationCodeSchema.index({ userId: 1, clientId: 1 });
authorizationCodeSchema.index({ removeAt: 1 }, { expireAfterSeconds: 0 });
