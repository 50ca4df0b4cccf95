import { Schema } from 'mongoose';

/**
 * All refresh tokens that ever descend from one grant, as one document. The valid token is the one whose counter
 * equals `counter`; tokens themselves are not stored (`identity/tokens/refreshTokenFormat.ts` derives them).
 */
export interface RefreshFamily {
  /** 128 random bits, base64url. */
  _id: string;
  sessionId: string;
  userId: string;
  clientId: string;
  scopes: string[];
  /** RFC 8707 resource indicators the grant was made for. */
  resources: string[];
  /** RFC 9396, as granted. */
  authorizationDetails?: Record<string, unknown>[] | null;
  /** OpenID Connect Core §5.5, and the claims that the person left out of what the scopes stand for. */
  claims?: Record<string, unknown> | null;
  refusedClaims: string[];
  /**
   * How and when the person had signed in when it was granted: what its tokens tell (OpenID Connect Core §12.2). Absent
   * in families of earlier releases, whose tokens tell of the session.
   */
  acr?: string | null;
  amr?: string[] | null;
  authenticatedAt?: Date | null;
  counter: number;
  /** When `counter` last moved: the leeway for the loser of a race counts from here. */
  rotatedAt: Date;
  /** What the family is bound to: the RFC 7638 thumbprint of a key, `x5t#S256:` and that of a certificate, or null. */
  senderKey?: string | null;
  /** How often the token was rotated, and how often the immediate predecessor was replayed inside the leeway. */
  rotations: number;
  replays: number;
  lastReplayAt?: Date | null;
  expiresAt: Date;
  revokedAt?: Date | null;
  revokedReason?: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export const refreshFamilySchema = new Schema<RefreshFamily>(
  {
    _id: { type: String, required: true },
    sessionId: { type: String, required: true },
    userId: { type: String, required: true },
    clientId: { type: String, required: true },
    scopes: { type: [String], default: [] },
    resources: { type: [String], default: [] },
    authorizationDetails: { type: [Schema.Types.Mixed], default: undefined },
    claims: { type: Schema.Types.Mixed, default: undefined },
    refusedClaims: { type: [String], default: [] },
    acr: { type: String, default: undefined },
    amr: { type: [String], default: undefined },
    authenticatedAt: { type: Date, default: undefined },
    counter: { type: Number, required: true },
    rotatedAt: { type: Date, required: true },
    senderKey: { type: String, default: undefined },
    rotations: { type: Number, required: true, default: 0 },
    replays: { type: Number, required: true, default: 0 },
    lastReplayAt: { type: Date, default: undefined },
    expiresAt: { type: Date, required: true },
    revokedAt: { type: Date, default: undefined },
    revokedReason: { type: String, default: undefined },
  },
  { collection: 'refreshFamilies', timestamps: true, versionKey: false, strict: 'throw' },
);

refreshFamilySchema.index({ sessionId: 1 });
refreshFamilySchema.index({ userId: 1 });
refreshFamilySchema.index({ clientId: 1 });
refreshFamilySchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
