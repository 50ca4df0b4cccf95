import { Schema } from 'mongoose';

export type ConfirmationKind =
  | 'confirmEmail'
  | 'confirmPhone'
  | 'changeEmail'
  | 'changePhone'
  | 'resetPassword'
  | 'factor'
  | 'signIn'
  | 'unlock';

/** Of a sign-in by mail: where it goes on. There is one for nobody's address too. */
export interface MailedSignIn {
  /** SHA-256 of the secret of the step that is open: each answer makes a new one. */
  stepHash: string;
  /** Digest of what binds it to one browser or program. */
  binding: string;
  /** When a letter was asked for last. */
  mailedAt: Date;
  /** What the sign-in leads to, and the level that it asked for. */
  clientId?: string | null;
  requiredAcr?: string | null;
  wishedAcrs?: string[] | null;
}

/** A one-time proof that somebody receives mail or messages at `target`: a link (token), a code, or both. */
export interface Confirmation {
  /** UUID v7; part of the mailed link. */
  _id: string;
  kind: ConfirmationKind;
  userId: string;
  /** The normalised address or E.164 number it was sent to; of a second factor, the id of the factor. */
  target: string;
  /** SHA-256 of the link's 256-bit token. */
  tokenHash?: string | null;
  /** HMAC of the short code under a key of the installation: a leaked database must not allow a search of 10^6 codes. */
  codeHash?: string | null;
  /** Wrong codes that may still be tried. */
  attemptsLeft: number;
  signIn?: MailedSignIn | null;
  usedAt?: Date | null;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

const mailedSignInSchema = new Schema<MailedSignIn>(
  {
    stepHash: { type: String, required: true },
    binding: { type: String, required: true },
    mailedAt: { type: Date, required: true },
    clientId: { type: String, default: undefined },
    requiredAcr: { type: String, default: undefined },
    wishedAcrs: { type: [String], default: undefined },
  },
  { _id: false, strict: 'throw' },
);

export const confirmationSchema = new Schema<Confirmation>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    userId: { type: String, required: true },
    target: { type: String, required: true },
    tokenHash: { type: String, default: undefined },
    codeHash: { type: String, default: undefined },
    attemptsLeft: { type: Number, required: true },
    signIn: { type: mailedSignInSchema, default: undefined },
    usedAt: { type: Date, default: undefined },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'confirmations', timestamps: true, versionKey: false, strict: 'throw' },
);

confirmationSchema.index({ kind: 1, target: 1 });
confirmationSchema.index({ userId: 1 });
confirmationSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
