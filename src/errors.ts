/**
 * Every way in which Fieldgate refuses. The union is closed: a door that maps it does so exhaustively,
 * so that a new code does not compile until each door has decided what it means there.
 */
export type ErrorCode =
  // who is asking
  | 'UNAUTHENTICATED'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_TOKEN'
  | 'CONFIRMATION_REQUIRED'
  | 'ACCOUNT_LOCKED'
  | 'CAPTCHA_REQUIRED'
  // what they may
  | 'FORBIDDEN'
  | 'STEP_UP_REQUIRED'
  | 'NOT_FOUND'
  // what they sent
  | 'BAD_USER_INPUT'
  | 'PASSWORD_TOO_WEAK'
  | 'CODE_INVALID'
  | 'CONFLICT'
  | 'LIMIT_EXCEEDED'
  | 'RATE_LIMITED'
  // RFC 6749 §5.2
  | 'INVALID_REQUEST'
  | 'INVALID_CLIENT'
  | 'INVALID_GRANT'
  | 'UNAUTHORIZED_CLIENT'
  | 'UNSUPPORTED_GRANT_TYPE'
  | 'INVALID_SCOPE'
  // RFC 8707 §2, RFC 9396 §5
  | 'INVALID_TARGET'
  | 'INVALID_AUTHORIZATION_DETAILS'
  // RFC 9449 §5, §8
  | 'INVALID_DPOP_PROOF'
  | 'USE_DPOP_NONCE'
  // us
  | 'UNAVAILABLE'
  | 'INTERNAL';

/** What whoever is taken for a program solves, for CAPTCHA_REQUIRED. */
export interface CaptchaDemand {
  readonly provider: 'proofOfWork' | 'turnstile' | 'hcaptcha' | 'recaptcha';
  /** For the provider's own script; null for a proof of work. */
  readonly siteKey: string | null;
  /** What a proof of work is computed for, in the form of ALTCHA; null for the others. */
  readonly task: object | null;
}

export interface AppErrorOptions {
  cause?: unknown;
  /** Where in the caller's input the fault is, outermost first: `['input', 'email']`. */
  path?: readonly string[];
  /** What the caller may be told. Absent: the door's fixed text for the code. Never holds a reason that would be an oracle. */
  publicMessage?: string;
  /** Seconds after which a retry makes sense (RATE_LIMITED, ACCOUNT_LOCKED, UNAVAILABLE). */
  retryAfterSeconds?: number;
  /** What would lift the refusal, for FORBIDDEN and STEP_UP_REQUIRED ("needs acr aal2"). */
  remedy?: string;
  /** What the session must reach, for STEP_UP_REQUIRED (RFC 9470 §3). */
  requirement?: { readonly acr?: string; readonly maxAgeSeconds?: number };
  /** For CAPTCHA_REQUIRED. */
  captcha?: CaptchaDemand;
}

/** A refusal. `message` is private: it goes to the log and never to the wire. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly path: readonly string[] | undefined;
  readonly publicMessage: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly remedy: string | undefined;
  readonly requirement: AppErrorOptions['requirement'];
  readonly captcha: CaptchaDemand | undefined;

  constructor(code: ErrorCode, privateDetail: string, options: AppErrorOptions = {}) {
    super(privateDetail, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.path = options.path;
    this.publicMessage = options.publicMessage;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.remedy = options.remedy;
    this.requirement = options.requirement;
    this.captcha = options.captcha;
  }
}

/** Narrows to an AppError, optionally of one code. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
