import { Schema } from 'mongoose';

/**
 * A refusal and its reasons, kept for a day, so that whoever was refused can have it explained by its id. Says nothing
 * about a person: neither who asked nor which object, only what they held. `requestId` leads to the log.
 */
export interface KeptDecision {
  /** UUID v7; the caller was told it. */
  _id: string;
  at: Date;
  requestId: string;
  /** How often the request was refused the same. */
  count: number;
  action: string;
  subject: string;
  field: string;
  code: string;
  leg: string;
  ruleId?: string | null;
  policyVersion: number;
  remedy?: string | null;
  /** `right`, or `sight` where the object was out of sight. */
  decidedBy: string;
  /** JSON: the rules of the deciding leg, as explained. */
  rules: string;
  principalKind: string;
  roles: string[];
  /** Null for a session cookie. */
  scopes?: string[] | null;
  clientId?: string | null;
  acr?: string | null;
  /** Forgotten then (TTL index). */
  expiresAt: Date;
}

export const decisionSchema = new Schema<KeptDecision>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    requestId: { type: String, required: true },
    count: { type: Number, required: true },
    action: { type: String, required: true },
    subject: { type: String, required: true },
    field: { type: String, required: true },
    code: { type: String, required: true },
    leg: { type: String, required: true },
    ruleId: { type: String, default: undefined },
    policyVersion: { type: Number, required: true },
    remedy: { type: String, default: undefined },
    decidedBy: { type: String, required: true },
    rules: { type: String, required: true },
    principalKind: { type: String, required: true },
    roles: { type: [String], default: [] },
    scopes: { type: [String], default: undefined },
    clientId: { type: String, default: undefined },
    acr: { type: String, default: undefined },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'decisions', versionKey: false, strict: 'throw' },
);

decisionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
