import { Schema } from 'mongoose';

/** Failures in a row against one account, from one address, one device or all that are unknown: they decide the delay and the lock. */
export interface FailedAttempts {
  /** `account:<user id>`, then nothing, `@<address>`, `#<known device>` or `!present`. */
  _id: string;
  failures: number;
  lastFailureAt: Date;
  /** No attempt is judged before then. */
  blockedUntil?: Date | null;
  /** Forgotten then (TTL index). */
  expiresAt: Date;
}

export const failedAttemptsSchema = new Schema<FailedAttempts>(
  {
    _id: { type: String, required: true },
    failures: { type: Number, required: true },
    lastFailureAt: { type: Date, required: true },
    blockedUntil: { type: Date, default: undefined },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'failedAttempts', versionKey: false, strict: 'throw' },
);

failedAttemptsSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
