import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { assertMayTry, countWrong, forgetWrong, type GuardedAttempt } from '../defence/signInGate.js';
import { nameAttempt } from '../defence/signInLock.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { assertNoProgram } from '../risk/captcha/demandCaptcha.js';
import { BREAK_GLASS_ID } from './administrators.js';
import { attemptsKey } from './attempts.js';
import { tellOfBreakGlass } from './breakGlass.js';
import { identifierFilter, parseIdentifier } from './lookup.js';
import { noteSignIn } from './noteSignIn.js';
import { type Obstacle, obstacleError, obstacleOf } from './obstacles.js';

type CredentialDeps = Pick<
  Deps,
  | 'models'
  | 'clock'
  | 'config'
  | 'secrets'
  | 'ephemeral'
  | 'passwords'
  | 'audit'
  | 'metrics'
  | 'mail'
  | 'sms'
  | 'messages'
  | 'logger'
>;

/** Why a sign-in is refused: for the audit trail and the metric, never for the wire. */
type Refusal = 'wrongPassword' | 'unknownIdentifier' | 'locked' | 'accountLimit' | Obstacle;

interface Typed {
  readonly identifier: string;
  readonly password: string;
  /** The solution of a CAPTCHA that was demanded. */
  readonly captcha?: string | null | undefined;
}

/** Whether the owner of a right password is let in; asked before anything shows that it is right. */
type Judgement = (user: User) => Promise<boolean>;

interface Attempt extends GuardedAttempt {
  /** With the password hash; null when nobody has the identifier. */
  readonly user: User | null;
  readonly origin: RequestOrigin;
  readonly mayEnter?: Judgement | undefined;
}

/**
 * Judges an identifier (e-mail address, phone number or username, in any spelling) and a password. A wrong password and
 * an unknown identifier get the same answer after the same time, and are locked after as many failures in a row, for a
 * time that doubles; a device that the account knows is locked by its own failures alone. What else stands against the
 * account is told only after the right password. A hash of other costs or scheme than configured is replaced. Whom
 * `mayEnter` refuses is answered as after a wrong one.
 * @returns the account, without its hash; `mustChangePassword` may be set, which the door must obey
 * @throws AppError INVALID_CREDENTIALS, ACCOUNT_LOCKED, CONFIRMATION_REQUIRED, CAPTCHA_REQUIRED, RATE_LIMITED,
 * UNAVAILABLE
 */
export async function verifyCredentials(
  deps: CredentialDeps,
  { identifier, password, captcha }: Typed,
  origin: RequestOrigin,
  mayEnter?: Judgement,
): Promise<User> {
  const recognised = parseIdentifier(deps.config, identifier);
  const user =
    recognised &&
    (await deps.models.users
      .findOne(identifierFilter(recognised, deps.clock()))
      .select('+passwordHash')
      .lean<User>());
  const names = await nameAttempt(deps, attemptsKey(deps, user, recognised, identifier), origin);
  const userId = user?._id ?? null;
  const note: Attempt['note'] = (reason) => noteRefusal(deps, { userId, origin }, reason);
  // Before anything counts against the account: programs must not use up what its owner has.
  if (!names.isKnownDevice) await assertNoProgram(deps, captcha, origin);
  const attempt: Attempt = { user, names, userId, origin, note, mayEnter };
  await assertMayTry(deps, attempt);
  return judge(deps, attempt, password, true);
}

async function judge(
  deps: CredentialDeps,
  attempt: Attempt,
  password: string,
  mayRetry: boolean,
): Promise<User> {
  const { user } = attempt;
  const verdict = await deps.passwords.verify(user?.passwordHash ?? null, password);
  if (!user || !verdict.matches) throw await refuseWrong(deps, attempt);
  if (attempt.mayEnter && !(await attempt.mayEnter(withoutHash(user)))) {
    // Counted and answered as a wrong password: nothing tells the two apart, not even when a lock comes.
    await countWrong(deps, attempt);
    throw new AppError('INVALID_CREDENTIALS', `too much speaks against a sign-in of user ${user._id}`);
  }
  await forgetWrong(deps, attempt);
  await assertMayEnter(deps, attempt, user);

  const replacement = verdict.needsRehash ? await deps.passwords.hash(password) : null;
  // On the hash that was judged: a password that was changed meanwhile lets nobody in.
  const entered = await noteSignIn(
    deps,
    user,
    { passwordHash: user.passwordHash ?? null },
    replacement === null ? {} : { passwordHash: replacement },
  );
  if (entered) return succeed(deps, entered, attempt.origin);
  // The hash changed while it was judged: by a parallel sign-in that replaced it too, or by a new password.
  const fresh = await deps.models.users.findById(user._id).select('+passwordHash').lean<User>();
  if (mayRetry && fresh) return judge(deps, { ...attempt, user: fresh }, password, false);
  throw await refuseWrong(deps, attempt);
}

/** Wrong password or nobody there. */
async function refuseWrong(deps: CredentialDeps, attempt: Attempt): Promise<AppError> {
  const { userId } = attempt;
  await countWrong(deps, attempt);
  await noteRefusal(deps, attempt, userId === null ? 'unknownIdentifier' : 'wrongPassword');
  return new AppError(
    'INVALID_CREDENTIALS',
    userId === null ? 'unknown identifier' : `wrong password for user ${userId}`,
  );
}

function withoutHash({ passwordHash: _secret, ...user }: User): User {
  return user;
}

/** After the right password only. */
async function assertMayEnter(deps: CredentialDeps, attempt: Attempt, user: User): Promise<void> {
  const obstacle = obstacleOf(deps, user);
  if (obstacle === null) return;
  await noteRefusal(deps, attempt, obstacle);
  throw obstacleError(user._id, obstacle);
}

async function succeed(deps: CredentialDeps, user: User, origin: RequestOrigin): Promise<User> {
  if (user._id === BREAK_GLASS_ID) await tellOfBreakGlass(deps, origin);
  return user;
}

async function noteRefusal(
  deps: CredentialDeps,
  { userId, origin }: Pick<Attempt, 'userId' | 'origin'>,
  reason: Refusal,
): Promise<void> {
  deps.metrics.failedSignIn(reason);
  await deps.audit.record({
    action: 'user.signIn',
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin,
    ...(userId === null ? {} : { objectType: 'User', objectId: userId }),
    reason,
  });
}
