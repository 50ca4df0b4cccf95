import { Schema } from 'mongoose';

export interface Device {
  /** "Chrome on Windows", or the name that the user gave. */
  name: string;
  kind: 'desktop' | 'mobile' | 'tablet' | 'cli' | 'other';
  os?: string | null;
  browser?: string | null;
  userAgent: string;
}

/** Where an address was thought to be. */
export interface Place {
  city?: string | null;
  country?: string | null;
  /** Degrees; of the middle of the area. */
  latitude: number;
  longitude: number;
}

/** One sign-in of one user on one device. Refresh families hang on it and die with it. */
export interface Session {
  /** UUID v7; the `sid` of its tokens. Not the cookie's value. */
  _id: string;
  userId: string;
  /** SHA-256 of the cookie's random value; absent for sessions that never had a cookie. In no GraphQL type. */
  cookieHash?: string | null;
  /** The client through which the user signed in; null at a first-party door. */
  clientId?: string | null;
  device: Device;
  address: string;
  /** Coarse, at the sign-in; absent where nobody knows. */
  place?: Place | null;
  /** Clients that want to hear of its end and have had tokens in it. In no GraphQL type. */
  clientIds?: string[];
  acr: string;
  amr: string[];
  /** When the user last proved who they are. */
  authenticatedAt: Date;
  lastUsedAt: Date;
  /** Not used until then: over. */
  idleExpiresAt: Date;
  /** Over then, however much it is used. */
  expiresAt: Date;
  revokedAt?: Date | null;
  revokedReason?: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export const deviceSchema = new Schema<Device>(
  { name: String, kind: String, os: String, browser: String, userAgent: String },
  { _id: false },
);

export const sessionSchema = new Schema<Session>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    cookieHash: { type: String, default: undefined, select: false },
    clientId: { type: String, default: undefined },
    device: { type: deviceSchema, required: true },
    address: { type: String, required: true },
    place: {
      type: new Schema<Place>(
        { city: String, country: String, latitude: Number, longitude: Number },
        { _id: false },
      ),
      default: undefined,
    },
    clientIds: { type: [String], default: undefined },
    acr: { type: String, required: true },
    amr: { type: [String], required: true },
    authenticatedAt: { type: Date, required: true },
    lastUsedAt: { type: Date, required: true },
    idleExpiresAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    revokedAt: { type: Date, default: undefined },
    revokedReason: { type: String, default: undefined },
  },
  { collection: 'sessions', timestamps: true, versionKey: false, strict: 'throw' },
);

sessionSchema.index(
  { cookieHash: 1 },
  { unique: true, partialFilterExpression: { cookieHash: { $type: 'string' } } },
);
sessionSchema.index({ userId: 1, createdAt: 1, _id: 1 });
sessionSchema.index({ createdAt: 1, _id: 1 });
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
