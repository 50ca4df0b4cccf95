import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError, isAppError } from '../errors.js';
import { verifyCredentials } from '../identity/accounts/credentials.js';
import { changePassword } from '../identity/accounts/passwords.js';
import { firstPartyClient } from '../identity/clients/firstPartyClient.js';
import { createSession, revokeSession } from '../identity/sessions/sessions.js';
import { issueUserTokens } from '../identity/tokens/issueTokens.js';
import type { User } from '../models/user.js';
import { Public } from '../schema/governance.js';
import { SignOutPayload } from '../schema/revocation.js';
import {
  type AccountLocked,
  type ConfirmationRequired,
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
        return { result: await signIn(context, input) };
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

async function signIn(context: GraphQLContext, input: SignInInput): Promise<SignInStep> {
  const { deps, origin, reply } = context;
  const verified = await verifyCredentials(deps, input, origin);
  if (verified.mustChangePassword && !input.newPassword) {
    return step('PasswordChangeRequired', { message: 'The password must be replaced now.' });
  }
  const user = verified.mustChangePassword ? await replacePassword(context, verified, input) : verified;

  const withCookie = input.session === SessionMode.COOKIE;
  const client = withCookie ? null : await firstPartyClient(deps);
  const { session, cookieValue } = await createSession(
    deps,
    { user, clientId: client?._id ?? null, amr: ['pwd'], withCookie },
    origin,
  );
  const tokens =
    client && (await issueUserTokens(deps, { user, session, client, scopes: input.scopes ?? client.scopes }));
  if (cookieValue !== null) reply.setSessionCookie(cookieValue);
  becomeUser(context, user, session);
  return step('SignedIn', { user, session, tokens });
}

async function replacePassword(
  { deps, origin }: GraphQLContext,
  user: User,
  { password, newPassword }: SignInInput,
): Promise<User> {
  await changePassword(
    deps,
    { userId: user._id, currentPassword: password, newPassword: newPassword ?? '', keepSessionId: null },
    origin,
  );
  return (await deps.models.users.findOne({ _id: user._id }).lean<User>()) ?? user;
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
function step(name: 'AccountLocked', fields: AccountLocked): Step<'AccountLocked', AccountLocked>;
function step<Name extends 'ConfirmationRequired' | 'PasswordChangeRequired'>(
  name: Name,
  fields: ConfirmationRequired | PasswordChangeRequired,
): Step<Name, ConfirmationRequired>;
function step(name: SignInStep['__typename'], fields: object): SignInStep {
  return { __typename: name, ...fields };
}
