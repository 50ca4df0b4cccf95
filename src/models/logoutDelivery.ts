import { Schema } from 'mongoose';

/** A client that must be told that a session has ended (OpenID Connect Back-Channel Logout 1.0). Gone once it has been. */
export interface LogoutDelivery {
  /** `<session id>:<client id>`: a session ends once. */
  _id: string;
  sessionId: string;
  clientId: string;
  userId: string;
  /** Begun so far. */
  attempts: number;
  /** Not before then; whoever begins an attempt moves it past the attempt's end. */
  dueAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const logoutDeliverySchema = new Schema<LogoutDelivery>(
  {
    _id: { type: String, required: true },
    sessionId: { type: String, required: true },
    clientId: { type: String, required: true },
    userId: { type: String, required: true },
    attempts: { type: Number, required: true, default: 0 },
    dueAt: { type: Date, required: true },
  },
  { collection: 'logoutDeliveries', timestamps: true, versionKey: false, strict: 'throw' },
);

logoutDeliverySchema.index({ dueAt: 1 });
