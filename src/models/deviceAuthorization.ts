import { Schema } from 'mongoose';

/** A device that waits for a person elsewhere to say yes (RFC 8628), kept until nobody can ask for it any more. */
export interface DeviceAuthorization {
  /** SHA-256 of the device code, which itself is stored nowhere. */
  _id: string;
  /** HMAC of the user code under a key of the installation: eight letters could be guessed from a bare digest. */
  userCodeHash: string;
  clientId: string;
  /** As asked for; from the approval on, as granted. */
  scopes: string[];
  /** RFC 8707. */
  resources: string[];
  /** RFC 9396. As asked for; from the approval on, as granted. */
  authorizationDetails?: Record<string, unknown>[] | null;
  /** Of the device when it asked: what the person is shown. */
  address: string;
  userAgent: string;
  status: 'pending' | 'approved' | 'refused';
  /** Grows with every poll that comes too soon (RFC 8628 §3.5, slow_down). */
  intervalSeconds: number;
  /** Who decided, in which session, and when. */
  userId?: string | null;
  sessionId?: string | null;
  decidedAt?: Date | null;
  /** The one poll that got the tokens. */
  usedAt?: Date | null;
  expiresAt: Date;
  /** Forgotten then (TTL index): a device that is late learns until then why. */
  removeAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const deviceAuthorizationSchema = new Schema<DeviceAuthorization>(
  {
    _id: { type: String, required: true },
    userCodeHash: { type: String, required: true },
    clientId: { type: String, required: true },
    scopes: { type: [String], default: [] },
    resources: { type: [String], default: [] },
    authorizationDetails: { type: [Schema.Types.Mixed], default: undefined },
    address: { type: String, required: true },
    userAgent: { type: String, default: '' },
    status: { type: String, enum: ['pending', 'approved', 'refused'], required: true },
    intervalSeconds: { type: Number, required: true },
    userId: { type: String, default: undefined },
    sessionId: { type: String, default: undefined },
    decidedAt: { type: Date, default: undefined },
    usedAt: { type: Date, default: undefined },
    expiresAt: { type: Date, required: true },
    removeAt: { type: Date, required: true },
  },
  { collection: 'deviceAuthorizations', timestamps: true, versionKey: false, strict: 'throw' },
);

deviceAuthorizationSchema.index({ userCodeHash: 1 }, { unique: true });
deviceAuthorizationSchema.index({ userId: 1, clientId: 1 });
deviceAuthorizationSchema.index({ removeAt: 1 }, { expireAfterSeconds: 0 });
