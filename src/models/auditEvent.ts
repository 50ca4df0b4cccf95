import { Schema } from 'mongoose';

export type AuditOutcome = 'success' | 'denied' | 'failure';

/**
 * Values that belong to one person, encrypted under that person's key (`subjectKey.ts`): with the key they are gone, and
 * the chain, which covers the ciphertext, still verifies.
 */
export interface SealedPart {
  /** The user's id. */
  subject: string;
  /** Which members of the event it holds. */
  names: string[];
  /** Absent: the key was gone already when the event was stored. */
  text?: string | null;
}

/**
 * Who did what to which object, from where, and how it ended. Entries form hash chains: each writer (process)
 * has its own, so that replicas need no common lock; `hash` covers the entry and `previousHash`.
 */
export interface AuditEvent {
  /** UUID v7. */
  _id: string;
  at: Date;
  /** `user.signIn`, `token.refresh`, `client.create`: object kind, dot, verb. */
  action: string;
  outcome: AuditOutcome;
  /** Why it was refused or failed: for people who may read the audit trail, never on the wire of the refusal. */
  reason?: string | null;
  actorKind: 'anonymous' | 'user' | 'client' | 'system';
  actorId?: string | null;
  clientId?: string | null;
  sessionId?: string | null;
  /** Who acted in the actor's name by an exchanged token, newest first: `client:<id>` or `user:<id>`. */
  actedBy?: string[] | null;
  objectType?: string | null;
  objectId?: string | null;
  /** Names of the fields changed. */
  fields: string[];
  /** JSON of values before and after, without secrets. */
  before?: string | null;
  after?: string | null;
  address?: string | null;
  userAgent?: string | null;
  requestId?: string | null;
  /** What of `reason`, `before`, `after`, `address` and `userAgent` is encrypted; those members are absent then. */
  sealed?: SealedPart[] | null;
  /** Keyed digest of the address, to find it by; not covered by `hash`, for it goes when the person goes. */
  addressIndex?: string | null;
  /** How many like events this entry stands for (issuance events are grouped). */
  count: number;
  chain: string;
  sequence: number;
  previousHash: string;
  hash: string;
}

const sealedPartSchema = new Schema<SealedPart>(
  {
    subject: { type: String, required: true },
    names: { type: [String], required: true },
    text: { type: String, default: undefined },
  },
  { _id: false, strict: 'throw' },
);

export const auditEventSchema = new Schema<AuditEvent>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    action: { type: String, required: true },
    outcome: { type: String, enum: ['success', 'denied', 'failure'], required: true },
    reason: { type: String, default: undefined },
    actorKind: { type: String, required: true },
    actorId: { type: String, default: undefined },
    clientId: { type: String, default: undefined },
    sessionId: { type: String, default: undefined },
    actedBy: { type: [String], default: undefined },
    objectType: { type: String, default: undefined },
    objectId: { type: String, default: undefined },
    fields: { type: [String], default: [] },
    before: { type: String, default: undefined },
    after: { type: String, default: undefined },
    address: { type: String, default: undefined },
    userAgent: { type: String, default: undefined },
    requestId: { type: String, default: undefined },
    sealed: { type: [sealedPartSchema], default: undefined },
    addressIndex: { type: String, default: undefined },
    count: { type: Number, required: true, default: 1 },
    chain: { type: String, required: true },
    sequence: { type: Number, required: true },
    previousHash: { type: String, required: true },
    hash: { type: String, required: true },
  },
  { collection: 'auditEvents', versionKey: false, strict: 'throw' },
);

auditEventSchema.index({ chain: 1, sequence: 1 }, { unique: true });
auditEventSchema.index({ at: 1, _id: 1 });
auditEventSchema.index({ actorId: 1, _id: 1 });
auditEventSchema.index({ objectId: 1, _id: 1 });
auditEventSchema.index({ action: 1, _id: 1 });
auditEventSchema.index({ outcome: 1, _id: 1 });
auditEventSchema.index({ fields: 1, _id: 1 });
auditEventSchema.index({ addressIndex: 1, _id: 1 });
auditEventSchema.index({ address: 1, _id: 1 });
