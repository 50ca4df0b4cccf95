import { Schema } from 'mongoose';

export type FactorKind = 'totp' | 'webauthn' | 'email' | 'sms';

/** Something beside the password by which a person proves who they are. Recovery codes are kept apart. */
export interface Factor {
  /** UUID v7. */
  _id: string;
  userId: string;
  kind: FactorKind;
  /** "Authenticator app", or the name that the person gave. */
  name: string;
  /** Null while it is being enrolled: it proves nothing until then. */
  confirmedAt?: Date | null;
  /** An enrolment that nobody finished is forgotten then (TTL index). */
  enrolmentExpiresAt?: Date | null;
  lastUsedAt?: Date | null;
  /** Of e-mail and SMS: the normal form of the contact that codes go to. */
  target?: string | null;
  /** Of TOTP: the time step of the last accepted code (RFC 6238 §5.2: none is accepted twice). */
  lastStep?: number | null;

  /** Of WebAuthn (Level 3 §4): base64url, and unique in the installation. */
  credentialId?: string | null;
  /** COSE key, base64url. */
  publicKey?: string | null;
  signatureCounter?: number | null;
  transports?: string[] | null;
  /** May be on several devices at once. */
  backedUp?: boolean | null;
  /** Can be found by the browser without a name typed first. */
  discoverable?: boolean | null;
  createdAt: Date;
  updatedAt: Date;

  /** Of TOTP: the seed, encrypted. In no GraphQL type. */
  secret?: string | null;
}

export const factorSchema = new Schema<Factor>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    kind: { type: String, enum: ['totp', 'webauthn', 'email', 'sms'], required: true },
    name: { type: String, required: true },
    confirmedAt: { type: Date, default: undefined },
    enrolmentExpiresAt: { type: Date, default: undefined },
    lastUsedAt: { type: Date, default: undefined },
    target: { type: String, default: undefined },
    lastStep: { type: Number, default: undefined },
    credentialId: { type: String, default: undefined },
    publicKey: { type: String, default: undefined },
    signatureCounter: { type: Number, default: undefined },
    transports: { type: [String], default: undefined },
    backedUp: { type: Boolean, default: undefined },
    discoverable: { type: Boolean, default: undefined },
    secret: { type: String, default: undefined, select: false },
  },
  { collection: 'factors', timestamps: true, versionKey: false, strict: 'throw' },
);

factorSchema.index({ userId: 1, createdAt: 1 });
factorSchema.index(
  { credentialId: 1 },
  { unique: true, partialFilterExpression: { credentialId: { $type: 'string' } } },
);
// One address or number is one factor of an account.
factorSchema.index(
  { userId: 1, kind: 1, target: 1 },
  { unique: true, partialFilterExpression: { target: { $type: 'string' } } },
);
factorSchema.index({ enrolmentExpiresAt: 1 }, { expireAfterSeconds: 0 });
