import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { BREAK_GLASS_ID } from '../accounts/administrators.js';
import { normalizeEmail } from '../accounts/contact.js';
import { emailOf, linkOf, siteOf } from '../accounts/letters.js';
import { type Identifier, identifierFilter } from '../accounts/lookup.js';
import { assertMayAskFor, mayWriteTo } from '../accounts/messageLimit.js';
import { obstacleOf } from '../accounts/obstacles.js';
import type { Proof } from '../accounts/oneTimeProof.js';
import { addressKey } from '../addressKey.js';
import { recogniseDevice } from '../defence/knownDevices.js';
import { mails } from '../messages/mails.js';
import type { RequestOrigin } from '../ports.js';
import { assertNoProgram } from '../risk/captcha/demandCaptcha.js';
import { describeKnownBrowser } from '../sessions/device.js';
import {
  findMailedStep,
  giveMailedStep,
  openMailedStep,
  renewLetter,
  takeMailedStep,
  type Ways,
} from './mailedStep.js';
import type { SignInContext, SignInDeps, SignInOutcome, WantedLevel } from './outcome.js';

type FactorQuestion = Extract<SignInOutcome, { kind: 'factorRequired' }>;

/** In place of the id of a factor: the code of the letter that a sign-in began with. */
export const MAILED_CODE_ID = 'mailedCode';

/** How long somebody waits before another letter is sent. */
const RESEND_SECONDS = 30;

/** Where a link leads on to; null: the asking program has no page, so the letter holds no link. */
export interface LinkTarget {
  /** The id of what waits for the sign-in; empty where nothing does. */
  readonly request: string;
}

/**
 * Begins a sign-in by a letter in place of a password. A sign-in is opened for every address, and the account looked for
 * after the reply: whether there is one, confirmed and in good standing, shows neither in the answer nor in its time, and
 * later answers judge a sign-in of nobody like any other. Only a confirmed address is written to, for a stranger may have
 * signed up with somebody else's.
 * @throws AppError FORBIDDEN where it is not switched on, BAD_USER_INPUT for what is no address, RATE_LIMITED per address
 * and network, CAPTCHA_REQUIRED
 */
export async function requestEmailSignIn(
  deps: SignInDeps,
  asked: {
    readonly email: string;
    readonly captcha?: string | null | undefined;
    readonly wanted?: WantedLevel | undefined;
    readonly link: LinkTarget | null;
  },
  context: SignInContext,
): Promise<FactorQuestion> {
  const ways = waysOf(deps, asked.link);
  const { origin } = context;
  await assertNoProgram(deps, asked.captcha, origin);
  const email = normalizeEmail(asked.email);
  await assertMayAsk(deps, email, origin);
  const { id, transaction, letter } = await openMailedStep(
    deps,
    { email, wanted: asked.wanted ?? {} },
    ways,
    context.binding,
  );
  const sent = { id, email, letter, ways, link: asked.link };
  deps.messages.enqueue('emailSignIn', () => writeTo(deps, sent, origin));
  return askForMailedCode(transaction, false);
}

/**
 * Asks for another letter, not more often than every 30 seconds. It refills no attempts.
 * @throws AppError INVALID_GRANT, RATE_LIMITED, FORBIDDEN
 */
export async function resendMailedCode(
  deps: SignInDeps,
  again: { readonly transaction: string; readonly link: LinkTarget | null },
  context: SignInContext,
): Promise<FactorQuestion> {
  const ways = waysOf(deps, again.link);
  const { binding, origin } = context;
  const waiting = await findMailedStep(deps, again.transaction, binding);
  const isEarly = deps.clock().getTime() - waiting.signIn.mailedAt.getTime() < RESEND_SECONDS * 1000;
  if (!isEarly) await assertMayAsk(deps, waiting.target, origin);
  const { step, next } = await takeMailedStep(deps, again.transaction, binding, 'resend');
  const letter = isEarly ? null : await renewLetter(deps, step, ways);
  if (letter) {
    const sent = { id: step._id, email: step.target, letter, ways, link: again.link };
    deps.messages.enqueue('emailSignIn', () => writeTo(deps, sent, origin));
  }
  return askForMailedCode(next, false);
}

/** The question for the code of the letter; the same for every address. */
export function askForMailedCode(transaction: string, wrongAnswer: boolean): FactorQuestion {
  return {
    kind: 'factorRequired',
    transaction,
    factors: [{ id: MAILED_CODE_ID, kind: 'email', name: 'E-mail', hint: null }],
    chosen: { id: MAILED_CODE_ID, challenge: null },
    wrongAnswer,
  };
}

/** @throws AppError FORBIDDEN */
function waysOf({ config }: Pick<SignInDeps, 'config'>, link: LinkTarget | null): Ways {
  const { emailSignIn } = config.factors;
  const ways = { code: emailSignIn.includes('code'), link: link !== null && emailSignIn.includes('link') };
  if (ways.code || ways.link) return ways;
  throw new AppError('FORBIDDEN', 'nothing is mailed to sign in by', {
    publicMessage: 'Signing in by mail is not possible here.',
  });
}

/** Per network: who asks for letters to somebody's address elsewhere does not keep its owner from asking. */
function assertMayAsk(deps: SignInDeps, email: string, { address }: RequestOrigin): Promise<void> {
  return assertMayAskFor(deps, 'emailSignIn', `${email} from ${addressKey(address)}`);
}

interface Sending {
  readonly id: string;
  readonly email: string;
  readonly letter: Proof;
  readonly ways: Ways;
  readonly link: LinkTarget | null;
}

/** After the reply: finds whose sign-in it is, and writes to them. */
async function writeTo(deps: SignInDeps, sending: Sending, origin: RequestOrigin): Promise<void> {
  const { id, email } = sending;
  const filter = identifierFilter(identifierOf(email), deps.clock());
  const user = await deps.models.users.findOne(filter).lean<User>();
  const refusal = user ? await refusalOf(deps, user, origin) : 'unknown identifier';
  if (user && refusal === null) await giveMailedStep(deps, id, user._id);
  await deps.audit.record({
    action: 'user.requestEmailSignIn',
    outcome: refusal === null ? 'success' : 'denied',
    actor: { kind: 'anonymous' },
    origin,
    ...(user && { objectType: 'User', objectId: user._id }),
    ...(refusal !== null && { reason: refusal }),
  });
  const to = user && refusal === null ? emailOf(user) : null;
  if (to) await deps.mail.send({ to: to.address, ...letterOf(deps, sending, origin) });
}

/** Why the owner of an address is not written to; for the audit trail. */
async function refusalOf(deps: SignInDeps, user: User, origin: RequestOrigin): Promise<string | null> {
  if (!user.emailVerified) return 'unconfirmed';
  if (obstacleOf(deps, user) !== null || user._id === BREAK_GLASS_ID) return 'notActive';
  // What strangers ask for does not use up what a device of the owner may ask for.
  const device = await recogniseDevice(deps, user._id, origin.deviceToken);
  const target = user.emailNormalized ?? '';
  const allowed = await mayWriteTo(deps, device === null ? target : `${target} from ${device}`);
  return allowed ? null : 'too many messages';
}

function letterOf({ config }: SignInDeps, { letter, ways, link }: Sending, origin: RequestOrigin) {
  return mails.emailSignIn({
    site: siteOf(config),
    url: ways.link ? signInLink(config, letter.token, link?.request ?? '') : undefined,
    code: ways.code ? letter.code : undefined,
    browser: describeKnownBrowser(origin.userAgent),
    address: origin.address,
    ttlSeconds: config.factors.emailSignInTtlSeconds,
  });
}

function signInLink(config: SignInDeps['config'], token: string, request: string): string {
  const url = new URL(linkOf(config, 'sign-in/link', token));
  if (request !== '') url.searchParams.set('request', request);
  return url.href;
}

/** What is typed in place of an address. */
export const identifierOf = (email: string): Identifier => ({ field: 'emailNormalized', value: email });
