import { AppError, isAppError } from '../errors.js';
import { FIRST_PARTY_CLIENT_ID, firstPartyClient } from '../identity/clients/firstPartyClient.js';
import { enter } from '../identity/signIn/enter.js';
import type {
  FactorOption,
  ProvedSignIn,
  SignInContext,
  SignInOutcome,
  WantedLevel,
} from '../identity/signIn/outcome.js';
import type { Confirmation } from '../identity/tokens/accessToken.js';
import { issueUserTokens } from '../identity/tokens/issueTokens.js';
import { ACR_LEVELS } from '../policies/requirement.js';
import { type EnrolmentRequired, FactorKind, type FactorRequired } from '../schema/factorSteps.js';
import {
  type AccountLocked,
  type CaptchaRequired,
  type ConfirmationRequired,
  type PasswordChangeRequired,
  type SignedIn,
  type SignInPayload,
  type SignInStep,
} from '../schema/signIn.js';
import { SessionMode } from '../schema/signInInputs.js';
import { becomeUser } from './become.js';
import type { GraphQLContext } from './context.js';
import { answer } from './errors.js';

type Step<Name extends SignInStep['__typename'], T> = { readonly __typename: Name } & T;

/** How the person wants to be let in at the end. */
interface Wanted {
  readonly session: SessionMode;
  readonly scopes?: string[] | null;
}

/**
 * Runs one step of a sign-in; refusals that are a next step rather than an error become one. What begins with the proof
 * of a key, or with a token that is bound to one, goes on with that key alone: its tokens are bound like those before.
 */
export function answerStep(
  context: GraphQLContext,
  wanted: Wanted,
  act: (signIn: SignInContext) => Promise<SignInOutcome>,
): Promise<SignInPayload> {
  return answer({ result: null }, async () => {
    try {
      // Before anything of one use is spent.
      const sender = await context.proveSender();
      return { result: await goOn(context, await act(boundTo(sender, context.signInContext)), wanted) };
    } catch (error) {
      const step = nextStep(error);
      if (!step) throw error;
      return { result: step };
    }
  });
}

function boundTo(sender: Confirmation | null, signIn: SignInContext): SignInContext {
  if (sender === null) return signIn;
  const [[method, thumbprint] = []] = Object.entries(sender);
  return { ...signIn, binding: `${signIn.binding} ${method}:${thumbprint}` };
}

/** Tokens are those of our own client, which may demand a level. @throws AppError BAD_USER_INPUT as `levelOf` */
export function wantedOf({
  acr,
  session,
}: {
  readonly acr?: string | null | undefined;
  readonly session: SessionMode;
}): WantedLevel {
  return {
    ...levelOf(acr),
    ...(session === SessionMode.TOKENS && { clientId: FIRST_PARTY_CLIENT_ID }),
  };
}

/** @throws AppError BAD_USER_INPUT for a level that does not exist */
export function levelOf(acr: string | null | undefined): WantedLevel {
  if (acr === null || acr === undefined) return {};
  if (ACR_LEVELS.includes(acr)) return { requiredAcr: acr };
  throw new AppError('BAD_USER_INPUT', 'no such level', {
    path: ['acr'],
    publicMessage: `The levels are ${ACR_LEVELS.join(', ')}.`,
  });
}

/** A way in that has come to its end, or to its next step. */
async function goOn(context: GraphQLContext, outcome: SignInOutcome, wanted: Wanted): Promise<SignInStep> {
  switch (outcome.kind) {
    case 'proved':
      return letIn(context, outcome, wanted);
    case 'passwordChangeRequired':
      return step('PasswordChangeRequired', { message: 'The password must be replaced now.' });
    case 'enrolmentRequired':
      return step('EnrolmentRequired', enrolmentOf(outcome));
    default: {
      const { transaction, factors, chosen, wrongAnswer } = outcome;
      return step('FactorRequired', {
        transaction,
        factors: factors.map(({ id, kind, name, hint }) => ({ id, kind: KINDS[kind], name, hint })),
        chosen: chosen?.id ?? null,
        challenge: chosen?.challenge ?? null,
        wrongAnswer,
      });
    }
  }
}

const KINDS: Record<FactorOption['kind'], FactorKind> = {
  totp: FactorKind.TOTP,
  webauthn: FactorKind.WEBAUTHN,
  email: FactorKind.EMAIL,
  sms: FactorKind.SMS,
  recoveryCode: FactorKind.RECOVERY_CODE,
};

function enrolmentOf(outcome: Extract<SignInOutcome, { kind: 'enrolmentRequired' }>): EnrolmentRequired {
  const { requiredAcr, transaction, kinds, setUp, wrongAnswer } = outcome;
  return {
    requiredAcr,
    transaction,
    kinds: kinds.map((kind) => KINDS[kind]),
    totp: setUp?.kind === 'totp' ? setUp : null,
    passkeyOptions: setUp?.kind === 'webauthn' ? setUp.options : null,
    hint: setUp?.kind === 'email' || setUp?.kind === 'sms' ? setUp.hint : null,
    wrongAnswer,
  };
}

async function letIn(context: GraphQLContext, proved: ProvedSignIn, wanted: Wanted): Promise<SignInStep> {
  const { deps, origin, reply } = context;
  const { user, trustedDevice, recoveryCodes, sessionId, tokenScopes } = proved;
  // A session that is raised stays what it was: no cookie becomes a token that scripts can read, and the reverse.
  const withCookie = sessionId === null ? wanted.session === SessionMode.COOKIE : tokenScopes === null;
  const client = withCookie ? null : await firstPartyClient(deps);
  const scopes = (wanted.scopes ?? tokenScopes ?? client?.scopes ?? []).filter(
    (scope) => tokenScopes === null || tokenScopes.includes(scope),
  );
  const { session, cookieValue, deviceToken } = await enter(
    deps,
    proved,
    { clientId: client?._id ?? null, withCookie },
    origin,
  );
  const sender = await context.proveSender();
  const tokens = client && (await issueUserTokens(deps, { user, session, client, scopes, sender }));
  if (cookieValue !== null) reply.setSessionCookie(cookieValue);
  if (deviceToken !== null) reply.setKnownDevice(deviceToken);
  if (trustedDevice !== null) reply.setTrustedDevice(trustedDevice);
  const narrowed = client && tokenScopes && { jti: '', clientId: client._id, scopes, audience: [] };
  becomeUser(context, user, session, narrowed);
  return step('SignedIn', { user, session, tokens, recoveryCodes });
}

/** The refusals of a sign-in that are a next step rather than an error. */
function nextStep(error: unknown): SignInStep | null {
  if (isAppError(error, 'CONFIRMATION_REQUIRED')) {
    return step('ConfirmationRequired', { message: 'Confirm the e-mail address or phone number first.' });
  }
  if (isAppError(error, 'CAPTCHA_REQUIRED') && error.captcha) {
    const { provider, siteKey, task } = error.captcha;
    return step('CaptchaRequired', { provider, siteKey, task });
  }
  if (isAppError(error, 'ACCOUNT_LOCKED')) {
    return step('AccountLocked', {
      message: 'The account is locked.',
      retryAfterSeconds: error.retryAfterSeconds ?? null,
    });
  }
  return null;
}

function step(name: 'SignedIn', fields: SignedIn): Step<'SignedIn', SignedIn>;
function step(name: 'FactorRequired', fields: FactorRequired): Step<'FactorRequired', FactorRequired>;
function step(
  name: 'EnrolmentRequired',
  fields: EnrolmentRequired,
): Step<'EnrolmentRequired', EnrolmentRequired>;
function step(name: 'CaptchaRequired', fields: CaptchaRequired): Step<'CaptchaRequired', CaptchaRequired>;
function step(name: 'AccountLocked', fields: AccountLocked): Step<'AccountLocked', AccountLocked>;
function step<Name extends 'ConfirmationRequired' | 'PasswordChangeRequired'>(
  name: Name,
  fields: ConfirmationRequired | PasswordChangeRequired,
): Step<Name, ConfirmationRequired>;
function step(name: SignInStep['__typename'], fields: object): SignInStep {
  return { __typename: name, ...fields };
}
