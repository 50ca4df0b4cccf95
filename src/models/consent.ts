import { Schema } from 'mongoose';

/** What a person lets one client do. */
export interface Consent {
  /** `<user id>:<client id>`: one per pair. */
  _id: string;
  userId: string;
  clientId: string;
  /** Granted. */
  scopes: string[];
  /** Asked for and refused: not asked again unless the client insists (`prompt=consent`). */
  refusedScopes: string[];
  /** Granted by name (`claims` parameter), beside what the scopes stand for. Absent in consents of earlier releases. */
  claims?: string[];
  /** Left out, whether a scope or the `claims` parameter asked for them. */
  refusedClaims?: string[];
  /** Another one after it was taken back: what rests on an earlier one is void. Absent in consents of earlier releases. */
  revision?: string;
  /** When the person last decided. */
  grantedAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const consentSchema = new Schema<Consent>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    clientId: { type: String, required: true },
    scopes: { type: [String], default: [] },
    refusedScopes: { type: [String], default: [] },
    claims: { type: [String], default: [] },
    refusedClaims: { type: [String], default: [] },
    revision: { type: String, default: '' },
    grantedAt: { type: Date, required: true },
  },
  { collection: 'consents', timestamps: true, versionKey: false, strict: 'throw' },
);

consentSchema.index({ userId: 1, grantedAt: 1 });
consentSchema.index({ clientId: 1 });
