import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError, isAppError } from '../errors.js';
import { firstPartyClient } from '../identity/clients/firstPartyClient.js';
import { revokeSession } from '../identity/sessions/sessions.js';
import { enter } from '../identity/signIn/enter.js';
import { answerFactor, chooseFactor } from '../identity/signIn/factorStep.js';
import type { FactorAnswer, FactorOption, ProvedSignIn, SignInOutcome } from '../identity/signIn/outcome.js';
import { beginSignIn } from '../identity/signIn/signIn.js';
import { issueUserTokens } from '../identity/tokens/issueTokens.js';
import { Public } from '../schema/governance.js';
import { SignOutPayload } from '../schema/revocation.js';
import {
  type AccountLocked,
  type ConfirmationRequired,
  ContinueSignInInput,
  ContinueSignInPayload,
  type EnrolmentRequired,
  FactorKind,
  type FactorRequired,
  type PasswordChangeRequired,
  SessionMode,
  type SignedIn,
  SignInInput,
  SignInPayload,
  type SignInStep,
} from '../schema/signIn.js';
import { becomeNobody, becomeUser } from './become.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { assertAllowed, assertVisible } from './judge.js';
import { RateLimited } from './limits/rateLimited.js';

type Step<Name extends SignInStep['__typename'], T> = { readonly __typename: Name } & T;

@Resolver()
export class SignInResolver {
  @Public('this is how one gets rights')
  @RateLimited('signIn')
  @Mutation(() => SignInPayload, { nullable: true })
  signIn(
    @Arg('input', () => SignInInput) input: SignInInput,
    @Ctx() context: GraphQLContext,
  ): Promise<SignInPayload> {
    return answer({ result: null }, async () => {
      try {
        const { deps, signInContext } = context;
        const { acr, ...proof } = input;
        const outcome = await beginSignIn(deps, { ...proof, requiredAcr: acr ?? undefined }, signInContext);
        return { result: await goOn(context, outcome, input) };
      } catch (error) {
        const step = nextStep(error);
        if (!step) throw error;
        return { result: step };
      }
    });
  }

  @Public('this is how one gets rights')
  @RateLimited('signIn')
  @Mutation(() => ContinueSignInPayload, { nullable: true, description: 'The way on from `FactorRequired`.' })
  continueSignIn(
    @Arg('input', () => ContinueSignInInput) input: ContinueSignInInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ContinueSignInPayload> {
    return answer({ result: null }, async () => {
      try {
        const { deps, signInContext } = context;
        const { transaction, factorId, trustThisDevice } = input;
        const outcome = factorId
          ? await chooseFactor(deps, { transaction, factorId }, signInContext)
          : await answerFactor(
              deps,
              { transaction, answer: answerOf(input), trustThisDevice },
              signInContext,
            );
        return { result: await goOn(context, outcome, input) };
      } catch (error) {
        const step = nextStep(error);
        if (!step) throw error;
        return { result: step };
      }
    });
  }

  @Public('a bearer token does not bring the session along, so it is loaded and judged below')
  @Mutation(() => SignOutPayload, {
    nullable: true,
    description: 'Ends the session of this request, with all its tokens. Needs `revoke` on it.',
  })
  signOut(@Ctx() context: GraphQLContext): Promise<SignOutPayload> {
    const { deps, loaders, origin, principal, reply } = context;
    return answer({ signedOut: false }, async () => {
      if (!principal.session) throw new AppError('UNAUTHENTICATED', 'there is no session to end');
      const session = await loaders.sessions.load(principal.session.id);
      assertAllowed(context, 'revoke', 'Session', assertVisible(context, 'Session', session));
      await revokeSession(deps, principal.session.id, 'signed out', actorOf(context), origin);
      loaders.forget('Session', principal.session.id);
      reply.clearSessionCookie();
      becomeNobody(context);
      return { signedOut: true };
    });
  }
}

const KINDS: Record<FactorOption['kind'], FactorKind> = {
  totp: FactorKind.TOTP,
  webauthn: FactorKind.WEBAUTHN,
  email: FactorKind.EMAIL,
  sms: FactorKind.SMS,
  recoveryCode: FactorKind.RECOVERY_CODE,
};

/** A way in that has come to its end, or to its next step. */
async function goOn(
  context: GraphQLContext,
  outcome: SignInOutcome,
  wanted: { readonly session: SessionMode; readonly scopes?: string[] | null },
): Promise<SignInStep> {
  switch (outcome.kind) {
    case 'proved':
      return letIn(context, outcome, wanted);
    case 'passwordChangeRequired':
      return step('PasswordChangeRequired', { message: 'The password must be replaced now.' });
    case 'enrolmentRequired':
      return step('EnrolmentRequired', { requiredAcr: outcome.requiredAcr });
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

async function letIn(
  context: GraphQLContext,
  proved: ProvedSignIn,
  wanted: { readonly session: SessionMode; readonly scopes?: string[] | null },
): Promise<SignInStep> {
  const { deps, origin, reply } = context;
  const withCookie = wanted.session === SessionMode.COOKIE;
  const client = withCookie ? null : await firstPartyClient(deps);
  const { session, cookieValue, deviceToken } = await enter(
    deps,
    proved,
    { clientId: client?._id ?? null, withCookie },
    origin,
  );
  const { user, trustedDevice } = proved;
  const tokens =
    client &&
    (await issueUserTokens(deps, { user, session, client, scopes: wanted.scopes ?? client.scopes }));
  if (cookieValue !== null) reply.setSessionCookie(cookieValue);
  if (deviceToken !== null) reply.setKnownDevice(deviceToken);
  if (trustedDevice !== null) reply.setTrustedDevice(trustedDevice);
  becomeUser(context, user, session);
  return step('SignedIn', { user, session, tokens });
}

function answerOf({ code, recoveryCode, passkey }: ContinueSignInInput): FactorAnswer {
  const given: FactorAnswer[] = [
    ...(code ? [{ code }] : []),
    ...(recoveryCode ? [{ recoveryCode }] : []),
    ...(passkey ? [{ passkey: passkey as unknown as AuthenticationResponseJSON }] : []),
  ];
  const [answer, ...others] = given;
  if (answer && others.length === 0) return answer;
  throw new AppError('BAD_USER_INPUT', `${given.length} answers to one factor`, {
    path: ['code'],
    publicMessage: 'Give exactly one of factorId, code, recoveryCode and passkey.',
  });
}

/** The refusals of a sign-in that are a next step rather than an error. */
function nextStep(error: unknown): SignInStep | null {
  if (isAppError(error, 'CONFIRMATION_REQUIRED')) {
    return step('ConfirmationRequired', { message: 'Confirm the e-mail address or phone number first.' });
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
function step(name: 'AccountLocked', fields: AccountLocked): Step<'AccountLocked', AccountLocked>;
function step<Name extends 'ConfirmationRequired' | 'PasswordChangeRequired'>(
  name: Name,
  fields: ConfirmationRequired | PasswordChangeRequired,
): Step<Name, ConfirmationRequired>;
function step(name: SignInStep['__typename'], fields: object): SignInStep {
  return { __typename: name, ...fields };
}
