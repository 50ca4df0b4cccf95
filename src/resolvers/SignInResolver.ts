import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { FIRST_PARTY_CLIENT_ID } from '../identity/clients/firstPartyClient.js';
import { revokeSession } from '../identity/sessions/sessions.js';
import { answerMailedCode } from '../identity/signIn/emailAnswer.js';
import { requestEmailSignIn, resendMailedCode } from '../identity/signIn/emailSignIn.js';
import { beginEnrolment } from '../identity/signIn/enrol.js';
import { answerFactor, chooseFactor } from '../identity/signIn/factorStep.js';
import { isMailedTransaction } from '../identity/signIn/mailedStep.js';
import type { EnrolmentKind, FactorAnswer } from '../identity/signIn/outcome.js';
import { beginSignIn, beginStepUp, type RunningSession } from '../identity/signIn/signIn.js';
import { RequestEmailSignInInput, RequestEmailSignInPayload } from '../schema/emailSignIn.js';
import { FactorKind } from '../schema/factorSteps.js';
import { Public } from '../schema/governance.js';
import { SignOutPayload } from '../schema/revocation.js';
import { ContinueSignInPayload, SignInPayload, StepUpPayload } from '../schema/signIn.js';
import { ContinueSignInInput, SessionMode, SignInInput, StepUpInput } from '../schema/signInInputs.js';
import { becomeNobody } from './become.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { assertAllowed, assertVisible } from './judge.js';
import { RateLimited } from './limits/rateLimited.js';
import { answerStep, levelOf, wantedOf } from './signInSteps.js';

@Resolver()
export class SignInResolver {
  @Public('this is how one gets rights')
  @RateLimited('signIn')
  @Mutation(() => SignInPayload, { nullable: true })
  signIn(
    @Arg('input', () => SignInInput) input: SignInInput,
    @Ctx() context: GraphQLContext,
  ): Promise<SignInPayload> {
    const { acr: _level, ...proof } = input;
    return answerStep(context, input, async (signIn) =>
      beginSignIn(context.deps, { ...proof, wanted: wantedOf(input) }, signIn),
    );
  }

  @Public('this is how one gets rights')
  @RateLimited('signIn')
  @Mutation(() => RequestEmailSignInPayload, {
    nullable: true,
    description:
      'Mails a code in place of a password, where `factors.emailSignIn` allows it: answer it by `continueSignIn`, or ask there for another one with `factorId`.',
  })
  requestEmailSignIn(
    @Arg('input', () => RequestEmailSignInInput) input: RequestEmailSignInInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RequestEmailSignInPayload> {
    const { email, captcha, acr } = input;
    return answerStep(context, { session: SessionMode.TOKENS }, async (signIn) =>
      // A link belongs to the browser that asked for it: the hosted pages, where that is known.
      requestEmailSignIn(context.deps, { email, captcha, wanted: levelOf(acr), link: null }, signIn),
    );
  }

  @Public('this is how one gets rights')
  @RateLimited('signIn')
  @Mutation(() => ContinueSignInPayload, { nullable: true, description: 'The way on from `FactorRequired`.' })
  continueSignIn(
    @Arg('input', () => ContinueSignInInput) input: ContinueSignInInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ContinueSignInPayload> {
    const { deps } = context;
    const { transaction, factorId, enroll, code, trustThisDevice } = input;
    return answerStep(context, input, async (signIn) => {
      assertOneOf(input);
      if (isMailedTransaction(transaction)) {
        if (factorId) return resendMailedCode(deps, { transaction, link: null }, signIn);
        if (code) return answerMailedCode(deps, { transaction, code }, signIn);
      }
      if (factorId) return chooseFactor(deps, { transaction, factorId }, signIn);
      if (enroll) return beginEnrolment(deps, { transaction, kind: enrolmentKindOf(enroll) }, signIn);
      return answerFactor(deps, { transaction, answer: answerOf(input), trustThisDevice }, signIn);
    });
  }

  @Public('raises the session of the request, which is loaded and judged below')
  @RateLimited('signIn')
  @Mutation(() => StepUpPayload, {
    nullable: true,
    description:
      'Raises the running session by a further proof (RFC 9470): answer `FactorRequired` with `continueSignIn`. The session stays; its cookie, or its tokens, are new.',
  })
  stepUp(
    @Arg('input', () => StepUpInput) { acr }: StepUpInput,
    @Ctx() context: GraphQLContext,
  ): Promise<StepUpPayload> {
    const wanted = { session: SessionMode.COOKIE };
    return answerStep(context, wanted, async (signIn) =>
      beginStepUp(context.deps, await runningSession(context), levelOf(acr), signIn),
    );
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

/**
 * The session to raise: that of the cookie, or of a token of our own client. Another client sends its user to
 * `/oauth/authorize` (RFC 9470 §4): it must not see codes, nor get tokens that are not its own.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
async function runningSession({ principal, viewer, loaders }: GraphQLContext): Promise<RunningSession> {
  if (!viewer || !principal.session) throw new AppError('UNAUTHENTICATED', 'there is no session to raise');
  const { token, actor } = principal;
  if (actor !== null || (token !== null && token.clientId !== FIRST_PARTY_CLIENT_ID)) {
    throw new AppError('FORBIDDEN', 'another client raises a session through the authorization endpoint', {
      remedy: 'send the user to /oauth/authorize with acr_values',
    });
  }
  const session = await loaders.sessions.load(principal.session.id);
  if (!session) throw new AppError('UNAUTHENTICATED', 'the session is over');
  const { _id: sessionId, amr } = session;
  return { user: viewer, sessionId, amr, ...(token && { tokenScopes: token.scopes }) };
}

const ENROLMENT_KINDS: Readonly<Partial<Record<FactorKind, EnrolmentKind>>> = {
  [FactorKind.TOTP]: 'totp',
  [FactorKind.WEBAUTHN]: 'webauthn',
  [FactorKind.EMAIL]: 'email',
  [FactorKind.SMS]: 'sms',
};

function enrolmentKindOf(kind: FactorKind): EnrolmentKind {
  const known = ENROLMENT_KINDS[kind];
  if (known) return known;
  throw new AppError('BAD_USER_INPUT', `no enrolment of ${kind} during a sign-in`, {
    path: ['enroll'],
    publicMessage: 'Recovery codes come with the first factor.',
  });
}

/** @throws AppError BAD_USER_INPUT */
function assertOneOf({ factorId, enroll, code, recoveryCode, passkey }: ContinueSignInInput): void {
  const given = [factorId, enroll, code, recoveryCode, passkey].filter(Boolean).length;
  if (given === 1) return;
  throw new AppError('BAD_USER_INPUT', `${given} steps at once`, {
    path: ['code'],
    publicMessage: 'Give exactly one of factorId, enroll, code, recoveryCode and passkey.',
  });
}

/** Of exactly one that was given. */
function answerOf({ code, recoveryCode, passkey }: ContinueSignInInput): FactorAnswer {
  if (recoveryCode) return { recoveryCode };
  if (passkey) return { passkey: passkey as unknown as AuthenticationResponseJSON };
  return { code: code ?? '' };
}
