import { Schema } from 'mongoose';
import { type Device, deviceSchema } from './session.js';

/** A browser from which an account was entered before: strangers' failures do not lock it out. It proves nothing by itself. */
export interface KnownDevice {
  /** SHA-256 of the account and the cookie's random value, so that one browser may know several accounts. In no GraphQL type. */
  _id: string;
  userId: string;
  device: Device;
  address: string;
  lastSeenAt: Date;
  /** Not seen until then: forgotten (TTL index). */
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const knownDeviceSchema = new Schema<KnownDevice>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    device: { type: deviceSchema, required: true },
    address: { type: String, required: true },
    lastSeenAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'knownDevices', timestamps: true, versionKey: false, strict: 'throw' },
);

knownDeviceSchema.index({ userId: 1, lastSeenAt: -1 });
knownDeviceSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
