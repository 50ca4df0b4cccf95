import { Schema } from 'mongoose';
import type { FactorKind } from './factor.js';

/** A sign-in between its first proof and its session. Each step has a token of its own, which works once. */
export interface SignInTransaction {
  /** SHA-256 of the token. */
  _id: string;
  userId: string;
  /** What the person has proved so far (RFC 8176). */
  amr: string[];
  /** When the first proof was given. */
  startedAt: Date;
  /** The level that must be reached. */
  requiredAcr: string;
  /** Set where a running session is to be raised. */
  sessionId?: string | null;
  /** Digest of what binds it to one browser or program. */
  binding: string;
  /** Wrong answers that are still borne. */
  attemptsLeft: number;
  /** The factor that was chosen, and for WebAuthn the challenge that was given for it. */
  factorId?: string | null;
  challenge?: string | null;
  /** Set while the person sets a factor up on the way: what the next answer confirms. */
  enrolling?: FactorKind | null;
  /** Set while a code from the owner's mail is due, because too much spoke against the sign-in. */
  challenged?: boolean | null;
  /** Set where the running session is that of a token: what the new tokens may have at most. */
  tokenScopes?: string[] | null;
  /** As of the account when the first proof was given: a change since then ends the sign-in. */
  passwordChangedAt?: Date | null;
  /** PHC string of what is to replace a temporary password once everything is proved. Never selected by default. */
  newPasswordHash?: string | null;
  usedAt?: Date | null;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

export const signInTransactionSchema = new Schema<SignInTransaction>(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    amr: { type: [String], required: true },
    startedAt: { type: Date, required: true },
    requiredAcr: { type: String, required: true },
    sessionId: { type: String, default: undefined },
    binding: { type: String, required: true },
    attemptsLeft: { type: Number, required: true },
    factorId: { type: String, default: undefined },
    challenge: { type: String, default: undefined },
    enrolling: { type: String, default: undefined },
    challenged: { type: Boolean, default: undefined },
    tokenScopes: { type: [String], default: undefined },
    passwordChangedAt: { type: Date, default: undefined },
    newPasswordHash: { type: String, select: false, default: undefined },
    usedAt: { type: Date, default: undefined },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'signInTransactions', timestamps: true, versionKey: false, strict: 'throw' },
);

signInTransactionSchema.index({ userId: 1 });
signInTransactionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
