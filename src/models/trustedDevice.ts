import { Schema } from 'mongoose';
import { type Device, deviceSchema } from './session.js';

/** A browser that need not show a second factor again for a while. */
export interface TrustedDevice {
  /** UUID v7. */
  _id: string;
  userId: string;
  /** SHA-256 of the cookie's random value. In no GraphQL type. */
  tokenHash: string;
  device: Device;
  address: string;
  lastUsedAt: Date;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const trustedDeviceSchema = new Schema<TrustedDevice>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    tokenHash: { type: String, required: true, select: false },
    device: { type: deviceSchema, required: true },
    address: { type: String, required: true },
    lastUsedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'trustedDevices', timestamps: true, versionKey: false, strict: 'throw' },
);

trustedDeviceSchema.index({ tokenHash: 1 }, { unique: true });
trustedDeviceSchema.index({ userId: 1, createdAt: 1 });
trustedDeviceSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
