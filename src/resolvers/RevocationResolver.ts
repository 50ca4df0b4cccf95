import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { assertMaySignOutEverywhere } from '../identity/factors/mayChange.js';
import { revokeOtherSessions, revokeSession } from '../identity/sessions/sessions.js';
import { findToken } from '../identity/tokens/findToken.js';
import { type RevokeTarget, revokeTokens } from '../identity/tokens/revokeTokens.js';
import { fromGlobalId, toGlobalId } from '../schema/globalId.js';
import { Public, Requires } from '../schema/governance.js';
import {
  RevokeOtherSessionsPayload,
  RevokeSessionInput,
  RevokeSessionPayload,
  RevokeTokensInput,
  RevokeTokensPayload,
} from '../schema/revocation.js';
import { viewerOf } from './become.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { setOf } from './input.js';
import { assertAllowed, assertVisible } from './judge.js';

@Resolver()
export class RevocationResolver {
  @Requires({ action: 'revoke', subject: 'Session', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => RevokeSessionPayload, {
    nullable: true,
    description: 'Ends a session with all its tokens.',
  })
  revokeSession(
    @Arg('input', () => RevokeSessionInput) { id }: RevokeSessionInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RevokeSessionPayload> {
    const { deps, origin, loaders } = context;
    return answer({ session: null }, async () => {
      const sessionId = fromGlobalId('Session', id, ['id']);
      await revokeSession(deps, sessionId, 'revoked', actorOf(context), origin);
      loaders.forget('Session', sessionId);
      return { session: await loaders.sessions.load(sessionId) };
    });
  }

  @Requires({ action: 'revokeSessions', subject: 'User', target: { from: 'viewer' } })
  @Mutation(() => RevokeOtherSessionsPayload, {
    nullable: true,
    description:
      'Ends every session of the viewer but this one. Needs a session of `aal2` where the account has a second factor.',
  })
  revokeOtherSessions(@Ctx() context: GraphQLContext): Promise<RevokeOtherSessionsPayload> {
    const { deps, origin, principal } = context;
    const userId = viewerOf(context)._id;
    const keepSessionId = principal.session?.id ?? null;
    return answer({ revokedCount: 0 }, async () => {
      await assertMaySignOutEverywhere(deps, { userId, session: principal.session });
      const reason = 'revoked by the user';
      const actor = actorOf(context);
      return {
        revokedCount: await revokeOtherSessions(deps, userId, keepSessionId, reason, actor, origin),
      };
    });
  }

  @Public('what it takes depends on what is revoked, so it is judged below')
  @Mutation(() => RevokeTokensPayload, {
    nullable: true,
    description:
      'Needs `revokeTokens` on the user or client, also of a token; `revoke` on the session, also of a refresh family; for everything, `revokeTokens` on every user and client.',
  })
  revokeTokens(
    @Arg('input', () => RevokeTokensInput) input: RevokeTokensInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RevokeTokensPayload> {
    const { deps, origin } = context;
    return answer({ revoked: false }, async () => {
      const target = await judgedTarget(context, input);
      await revokeTokens(deps, target, actorOf(context), origin);
      return { revoked: true };
    });
  }
}

type OnNode = 'user' | 'client' | 'session';

const ACTS = {
  user: { type: 'User', action: 'revokeTokens' },
  client: { type: 'Client', action: 'revokeTokens' },
  session: { type: 'Session', action: 'revoke' },
} as const;

/** What to revoke, once the viewer is known to have the right to. @throws AppError BAD_USER_INPUT, NOT_FOUND, FORBIDDEN … */
async function judgedTarget(context: GraphQLContext, input: RevokeTokensInput): Promise<RevokeTarget> {
  const given = Object.entries(setOf(input)).filter(([, value]) => value !== false);
  const [only, ...others] = given as [keyof RevokeTokensInput, string | boolean][];
  if (!only || others.length > 0) {
    throw new AppError('BAD_USER_INPUT', 'not exactly one target', {
      publicMessage:
        'Give exactly one of `user`, `client`, `session`, `refreshFamily`, `token` and `everything`.',
    });
  }
  const [kind, value] = only;
  if (kind === 'everything') {
    assertAllowed(context, 'revokeTokens', 'User', null);
    assertAllowed(context, 'revokeTokens', 'Client', null);
    return { kind };
  }
  if (kind === 'token') return judgedToken(context, String(value));
  if (kind === 'refreshFamily') {
    return judgedFamily(context, fromGlobalId('RefreshFamily', String(value), [kind]));
  }
  const id = fromGlobalId(ACTS[kind].type, String(value), [kind]);
  await assertMayRevoke(context, kind, id);
  const { deps, principal } = context;
  if (kind === 'user' && id === principal.id) {
    await assertMaySignOutEverywhere(deps, { userId: id, session: principal.session });
  }
  return { kind, id };
}

/** A family is as much as its session. */
async function judgedFamily(context: GraphQLContext, familyId: string): Promise<RevokeTarget> {
  const family = await context.loaders.refreshFamilies.load(familyId);
  if (!family) throw new AppError('NOT_FOUND', `there is no refresh family ${familyId}`);
  await assertMayRevoke(context, 'session', family.sessionId);
  return { kind: 'family', id: familyId };
}

/** One access token is less than all of the user or the client that it speaks for. */
async function judgedToken(context: GraphQLContext, token: string): Promise<RevokeTarget> {
  const found = await findToken(context.deps, token);
  if (!found) throw new AppError('NOT_FOUND', 'the token is not good, so there is nothing to revoke');
  if (found.kind === 'family') return judgedFamily(context, found.family._id);
  const { subject, sessionId, revocationId } = found.claims;
  const isOfClient = sessionId === null && subject === found.claims.clientId;
  await assertMayRevoke(context, isOfClient ? 'client' : 'user', subject);
  return { kind: 'accessToken', id: revocationId };
}

/** @throws AppError NOT_FOUND, FORBIDDEN … */
async function assertMayRevoke(context: GraphQLContext, kind: OnNode, id: string): Promise<void> {
  const { type, action } = ACTS[kind];
  const node = await context.loaders.byGlobalId(toGlobalId(type, id));
  assertAllowed(context, action, type, assertVisible(context, type, node?.object));
}
