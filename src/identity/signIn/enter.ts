import { AppError } from '../../errors.js';
import type { Session } from '../../models/session.js';
import type { LetterDeps } from '../accounts/letters.js';
import { rememberDevice } from '../defence/knownDevices.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { isNewHere } from '../risk/signals.js';
import { tellOfNewDevice } from '../sessions/newDevice.js';
import { reauthenticateSession } from '../sessions/reauthenticate.js';
import { openSession } from '../sessions/sessionCap.js';
import { type NewSession } from '../sessions/sessions.js';
import type { ProvedSignIn, SignInOutcome } from './outcome.js';

type EnterDeps = LetterDeps & Pick<Deps, 'audit' | 'denylist' | 'places'>;

/** What a door hands over after a sign-in. */
export interface EnteredSession {
  readonly session: Session;
  readonly cookieValue: string | null;
  /** For the cookie by which the account knows this device again; null where no cookie is wanted. */
  readonly deviceToken: string | null;
}

/**
 * Lets whoever has proved enough in: opens a session, or raises the one that the sign-in was about, whose cookie then
 * has a new value (a session fixed by somebody else gains nothing from the raise).
 * The owner is told of a device that is new, and an account has no more sessions than allowed.
 * @throws AppError LIMIT_EXCEEDED; INVALID_CREDENTIALS when the account or the session changed meanwhile
 */
export async function enter(
  deps: EnterDeps,
  proved: ProvedSignIn,
  wanted: { readonly clientId?: string | null; readonly withCookie: boolean },
  origin: RequestOrigin,
): Promise<EnteredSession> {
  const { user, amr, acr, sessionId } = proved;
  const newProgram = !wanted.withCookie && (await isNewHere(deps, user._id, origin));
  const entered =
    sessionId === null
      ? await open(deps, { user, amr, acr, ...wanted }, origin)
      : await reauthenticateSession(deps, { _id: sessionId, userId: user._id }, { amr, acr, ...wanted });
  await deps.audit.record({
    action: sessionId === null ? 'user.signIn' : 'session.raise',
    outcome: 'success',
    actor: { kind: 'user', id: user._id, sessionId: entered.session._id },
    origin,
    objectType: 'User',
    objectId: user._id,
    after: { acr, amr: [...amr] },
  });
  const { token, isNew } = wanted.withCookie
    ? await rememberDevice(deps, user._id, origin)
    : { token: null, isNew: newProgram };
  if (isNew) await tellOfNewDevice(deps, user, entered.session._id, origin);
  return { ...entered, deviceToken: token };
}

async function open(
  deps: EnterDeps,
  wanted: NewSession,
  origin: RequestOrigin,
): Promise<{ session: Session; cookieValue: string | null }> {
  const place = deps.places.placeOf(origin.address);
  return openSession(deps, { ...wanted, place }, origin);
}

/**
 * For doors that have one step only. @throws AppError STEP_UP_REQUIRED where a second factor is due, FORBIDDEN where
 * the password must be replaced first
 */
export function provedAtOnce(outcome: SignInOutcome): ProvedSignIn {
  if (outcome.kind === 'proved') return outcome;
  if (outcome.kind === 'passwordChangeRequired') {
    throw new AppError('FORBIDDEN', 'the password must be changed first', {
      publicMessage: 'The password must be changed first.',
      remedy: 'change the password',
    });
  }
  throw new AppError('STEP_UP_REQUIRED', 'the account has a second factor', {
    publicMessage:
      'The account has a second factor: sign in on the sign-in page or with `signIn` of the GraphQL API.',
    remedy: 'show a second factor',
    requirement: { acr: 'aal2' },
  });
}
