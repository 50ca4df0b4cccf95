import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import { type AppError, type ErrorCode, isAppError } from '../errors.js';
import { type UserError, UserErrorCode } from '../schema/UserError.js';

/** The closed set of `extensions.code` of top-level errors. */
export type GraphQLErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'STEP_UP_REQUIRED'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'CONFLICT'
  | 'LIMIT_EXCEEDED'
  | 'INTERNAL';

interface Meaning {
  /** As an error of the request; also used in queries for what a mutation would put into `userErrors`. */
  readonly topLevel: GraphQLErrorCode;
  /** As an entry of `userErrors`; null: never one. */
  readonly userError: UserErrorCode | null;
  /** The one text of the refusal. */
  readonly message: string;
}

const top = (topLevel: GraphQLErrorCode, message: string): Meaning => ({
  topLevel,
  userError: null,
  message,
});
const fault = (userError: UserErrorCode, topLevel: GraphQLErrorCode, message: string): Meaning => ({
  topLevel,
  userError,
  message,
});

/** What each code means at this door. */
const MEANINGS: Record<ErrorCode, Meaning> = {
  UNAUTHENTICATED: top('UNAUTHENTICATED', 'Sign in first.'),
  INVALID_CREDENTIALS: fault(
    UserErrorCode.INVALID_CREDENTIALS,
    'UNAUTHENTICATED',
    'The credentials are not right.',
  ),
  INVALID_TOKEN: top('UNAUTHENTICATED', 'The token is not valid.'),
  CONFIRMATION_REQUIRED: fault(
    UserErrorCode.CONFLICT,
    'CONFLICT',
    'Confirm the e-mail address or phone number first.',
  ),
  ACCOUNT_LOCKED: top('RATE_LIMITED', 'Too many failed attempts. Try again later.'),
  CAPTCHA_REQUIRED: top('FORBIDDEN', 'Show first that you are no program.'),
  FORBIDDEN: top('FORBIDDEN', 'This is not allowed.'),
  STEP_UP_REQUIRED: top('STEP_UP_REQUIRED', 'A stronger or more recent sign-in is needed.'),
  NOT_FOUND: top('NOT_FOUND', 'There is no such object.'),
  BAD_USER_INPUT: fault(UserErrorCode.BAD_USER_INPUT, 'BAD_USER_INPUT', 'The value is not valid.'),
  PASSWORD_TOO_WEAK: fault(UserErrorCode.PASSWORD_TOO_WEAK, 'BAD_USER_INPUT', 'The password is too weak.'),
  CODE_INVALID: fault(
    UserErrorCode.CODE_INVALID,
    'BAD_USER_INPUT',
    'The code or link is not valid (any more).',
  ),
  CONFLICT: fault(UserErrorCode.CONFLICT, 'CONFLICT', 'This conflicts with what is already there.'),
  LIMIT_EXCEEDED: top('LIMIT_EXCEEDED', 'The request asks for too much.'),
  RATE_LIMITED: top('RATE_LIMITED', 'Too many requests. Try again later.'),
  INVALID_REQUEST: fault(UserErrorCode.BAD_USER_INPUT, 'BAD_USER_INPUT', 'The value is not valid.'),
  INVALID_CLIENT: top('UNAUTHENTICATED', 'The client could not be authenticated.'),
  INVALID_GRANT: top('UNAUTHENTICATED', 'The token is not valid.'),
  UNAUTHORIZED_CLIENT: top('FORBIDDEN', 'The client may not do this.'),
  UNSUPPORTED_GRANT_TYPE: fault(
    UserErrorCode.BAD_USER_INPUT,
    'BAD_USER_INPUT',
    'The grant type is not supported.',
  ),
  INVALID_SCOPE: fault(UserErrorCode.BAD_USER_INPUT, 'BAD_USER_INPUT', 'The scope is not valid.'),
  INVALID_TARGET: fault(UserErrorCode.BAD_USER_INPUT, 'BAD_USER_INPUT', 'The resource is not valid.'),
  INVALID_AUTHORIZATION_DETAILS: fault(
    UserErrorCode.BAD_USER_INPUT,
    'BAD_USER_INPUT',
    'The authorization details are not valid.',
  ),
  INVALID_DPOP_PROOF: top('UNAUTHENTICATED', 'The DPoP proof is not valid.'),
  USE_DPOP_NONCE: top('UNAUTHENTICATED', 'The DPoP proof needs the nonce of the answer.'),
  UNAVAILABLE: top('INTERNAL', 'The service is busy or out of order. Try again later.'),
  INTERNAL: top('INTERNAL', 'Something went wrong on our side.'),
};

const CODES: ReadonlySet<string> = new Set(Object.values(MEANINGS).map(({ topLevel }) => topLevel));

export function isClosedCode(code: unknown): code is GraphQLErrorCode {
  return typeof code === 'string' && CODES.has(code);
}

/** What is wrong with the input, or null for a refusal that is an error of the whole request. */
export function toUserError(error: AppError): UserError | null {
  const { userError, message } = MEANINGS[error.code];
  if (userError === null) return null;
  const path = error.path ?? [];
  return {
    code: userError,
    path: path[0] === 'input' ? [...path] : ['input', ...path],
    message: error.publicMessage ?? message,
  };
}

/** A refusal as the caller reads it: code, remedy, when to try again, where the fault is. Nothing private. */
export function describeRefusal(error: AppError): { message: string; extensions: GraphQLErrorExtensions } {
  const { topLevel, message } = MEANINGS[error.code];
  return {
    message: error.publicMessage ?? message,
    extensions: {
      code: topLevel,
      ...(error.path && { argument: error.path }),
      ...(error.remedy !== undefined && { remedy: error.remedy }),
      ...(error.captcha !== undefined && { captcha: error.captcha }),
      ...stepUpValues(error),
      ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
    },
  };
}

/** What the session must reach, in the words of RFC 9470 §3. */
function stepUpValues({ requirement }: AppError): GraphQLErrorExtensions {
  if (requirement === undefined) return {};
  return {
    requirement,
    ...(requirement.acr !== undefined && { acr_values: requirement.acr }),
    ...(requirement.maxAgeSeconds !== undefined && { max_age: requirement.maxAgeSeconds }),
  };
}

/** A refusal before any field runs: `httpStatus` is the status of the whole answer, `challenge` its WWW-Authenticate. */
export function refuseRequest(error: AppError, httpStatus: number, challenge?: string): GraphQLError {
  const { message, extensions } = describeRefusal(error);
  const headers = retryHeaders(error);
  if (challenge !== undefined) headers.set('www-authenticate', challenge);
  return new GraphQLError(message, {
    extensions: { ...extensions, http: { status: httpStatus, headers } },
    originalError: error,
  });
}

/** Retry-After of RFC 9110 §10.2.3, where the refusal tells it. */
export function retryHeaders(error: AppError): Map<string, string> {
  const seconds = error.retryAfterSeconds;
  return new Map(seconds === undefined ? [] : [['retry-after', String(Math.max(1, Math.ceil(seconds)))]]);
}

/** Runs a mutation: what was wrong with the input becomes `userErrors` beside `refused`, everything else is thrown. */
export async function answer<Payload extends { userErrors: UserError[] }>(
  refused: Omit<Payload, 'userErrors'>,
  act: () => Promise<Omit<Payload, 'userErrors'>>,
): Promise<Payload> {
  try {
    return { ...(await act()), userErrors: [] as UserError[] } as Payload;
  } catch (error) {
    const userError = isAppError(error) ? toUserError(error) : null;
    if (!userError) throw error;
    return { ...refused, userErrors: [userError] } as Payload;
  }
}
