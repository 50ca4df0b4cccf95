import { Schema } from 'mongoose';
import { forgetOnWrite } from './readRecently.js';

export type UserStatus = 'active' | 'locked' | 'disabled';

/** A role held, possibly for a limited time. Outside `[validFrom, validUntil)` it gives nothing. */
export interface RoleAssignment {
  role: string;
  validFrom?: Date | null;
  validUntil?: Date | null;
}

export interface PostalAddress {
  formatted?: string | null;
  streetAddress?: string | null;
  locality?: string | null;
  region?: string | null;
  postalCode?: string | null;
  country?: string | null;
}

/**
 * A person's account. The names of the readable fields are those of the GraphQL type `User` and, but for case,
 * of the OpenID Connect standard claims (Core §5.1). `*Normalized` fields carry the unique indexes.
 */
export interface User {
  /** UUID v7. */
  _id: string;
  username?: string | null;
  usernameNormalized?: string | null;
  email?: string | null;
  emailNormalized?: string | null;
  emailVerified: boolean;
  /** E.164, so it is its own normal form. */
  phone?: string | null;
  phoneVerified: boolean;
  status: UserStatus;
  roleAssignments: RoleAssignment[];
  /** Administered facts that policy conditions may compare with; string, number, boolean or list of strings. */
  attributes: Record<string, string | number | boolean | string[]>;

  name?: string | null;
  givenName?: string | null;
  familyName?: string | null;
  nickname?: string | null;
  picture?: string | null;
  website?: string | null;
  gender?: string | null;
  birthdate?: string | null;
  zoneinfo?: string | null;
  locale?: string | null;
  address?: PostalAddress | null;

  lockedAt?: Date | null;
  /** Null while locked without an end. */
  lockedUntil?: Date | null;
  lockReason?: string | null;
  lastSignInAt?: Date | null;
  passwordChangedAt?: Date | null;
  mustChangePassword: boolean;
  /** When a reset or administrators gave it back to its owner; in no GraphQL type. */
  recoveredAt?: Date | null;
  /** Set while the account waits for its deletion; the grace period ends then. */
  deletionScheduledAt?: Date | null;
  /** An account whose contact was never confirmed is removed then (TTL index). */
  unconfirmedExpiresAt?: Date | null;
  /** Tokens issued before are refused. */
  tokensValidAfter?: Date | null;
  createdAt: Date;
  updatedAt: Date;

  /** PHC string. Never selected by default, in no GraphQL type. */
  passwordHash?: string | null;
}

const nullable = (type: unknown) => ({ type, default: undefined });

export const userSchema = new Schema<User>(
  {
    _id: { type: String, required: true },
    username: nullable(String),
    usernameNormalized: nullable(String),
    email: nullable(String),
    emailNormalized: nullable(String),
    emailVerified: { type: Boolean, required: true, default: false },
    phone: nullable(String),
    phoneVerified: { type: Boolean, required: true, default: false },
    status: { type: String, required: true, enum: ['active', 'locked', 'disabled'], default: 'active' },
    roleAssignments: {
      type: [
        new Schema<RoleAssignment>(
          { role: { type: String, required: true }, validFrom: Date, validUntil: Date },
          { _id: false },
        ),
      ],
      default: [],
    },
    attributes: { type: Schema.Types.Mixed, default: {} },
    name: nullable(String),
    givenName: nullable(String),
    familyName: nullable(String),
    nickname: nullable(String),
    picture: nullable(String),
    website: nullable(String),
    gender: nullable(String),
    birthdate: nullable(String),
    zoneinfo: nullable(String),
    locale: nullable(String),
    address: {
      type: new Schema<PostalAddress>(
        {
          formatted: String,
          streetAddress: String,
          locality: String,
          region: String,
          postalCode: String,
          country: String,
        },
        { _id: false },
      ),
      default: undefined,
    },
    lockedAt: nullable(Date),
    lockedUntil: nullable(Date),
    lockReason: nullable(String),
    lastSignInAt: nullable(Date),
    passwordChangedAt: nullable(Date),
    mustChangePassword: { type: Boolean, required: true, default: false },
    recoveredAt: nullable(Date),
    deletionScheduledAt: nullable(Date),
    unconfirmedExpiresAt: nullable(Date),
    tokensValidAfter: nullable(Date),
    passwordHash: { type: String, select: false, default: undefined },
  },
  { collection: 'users', timestamps: true, minimize: false, versionKey: false, strict: 'throw' },
);

// Partial, not sparse: an account may lack any one of the three, and null must not collide with null.
userSchema.index(
  { emailNormalized: 1 },
  { unique: true, partialFilterExpression: { emailNormalized: { $type: 'string' } } },
);
userSchema.index({ phone: 1 }, { unique: true, partialFilterExpression: { phone: { $type: 'string' } } });
userSchema.index(
  { usernameNormalized: 1 },
  { unique: true, partialFilterExpression: { usernameNormalized: { $type: 'string' } } },
);
userSchema.index({ 'roleAssignments.role': 1, _id: 1 });
userSchema.index({ createdAt: 1, _id: 1 });
userSchema.index({ unconfirmedExpiresAt: 1 }, { expireAfterSeconds: 0 });
userSchema.index(
  { deletionScheduledAt: 1 },
  { partialFilterExpression: { deletionScheduledAt: { $type: 'date' } } },
);

forgetOnWrite(userSchema);
