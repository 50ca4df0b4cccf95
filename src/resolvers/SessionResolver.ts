import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import type { Client as StoredClient } from '../models/client.js';
import type { RefreshFamily as StoredFamily } from '../models/refreshFamily.js';
import type { Session as StoredSession } from '../models/session.js';
import type { User as StoredUser } from '../models/user.js';
import { viewerCan } from '../policies/viewerCan.js';
import { Client } from '../schema/Client.js';
import type { Page } from '../schema/connection.js';
import { toGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { PagingArgs } from '../schema/paging.js';
import { RefreshFamily } from '../schema/RefreshFamily.js';
import { Session, SessionConnection, SessionFilter, SessionOrder } from '../schema/Session.js';
import { DateTime } from '../schema/scalars.js';
import { User } from '../schema/User.js';
import type { GraphQLContext } from './context.js';
import { SESSIONS } from './lists/definitions.js';
import { fetchPage } from './lists/page.js';

@Resolver(() => Session)
export class SessionResolver {
  @Requires({ action: 'list', subject: 'Session', target: { from: 'none' } })
  @Query(() => SessionConnection, {
    nullable: true,
    description: 'The sessions that the viewer may see, newest first.',
  })
  sessions(
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Arg('filter', () => SessionFilter, { nullable: true }) filter?: SessionFilter,
    @Arg('orderBy', () => SessionOrder, { nullable: true }) orderBy?: SessionOrder,
  ): Promise<Page<StoredSession>> {
    return fetchPage(context, SESSIONS, { paging, filter, orderBy }, info);
  }

  @FieldResolver(() => ID)
  id(@Root() session: StoredSession): string {
    return toGlobalId('Session', session._id);
  }

  @FieldResolver(() => Boolean, { nullable: true, description: 'This very request belongs to it.' })
  current(@Root() session: StoredSession, @Ctx() { principal }: GraphQLContext): boolean {
    return principal.session?.id === session._id;
  }

  @FieldResolver(() => User, { nullable: true })
  user(@Root() session: StoredSession, @Ctx() { loaders }: GraphQLContext): Promise<StoredUser | null> {
    return loaders.users.load(session.userId);
  }

  @FieldResolver(() => Client, { nullable: true })
  client(
    @Root() { clientId }: StoredSession,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<StoredClient | null> | null {
    return clientId ? loaders.clients.load(clientId) : null;
  }

  @FieldResolver(() => [RefreshFamily], {
    nullable: true,
    description: 'One for each client that got a refresh token.',
  })
  refreshFamilies(
    @Root() session: StoredSession,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<StoredFamily[]> {
    return loaders.refreshFamiliesBySession.load(session._id);
  }

  @FieldResolver(() => RefreshFamily, {
    nullable: true,
    description: 'Of `refreshFamilies`, the one that was used last.',
  })
  async refreshFamily(
    @Root() session: StoredSession,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<StoredFamily | null> {
    const families = await loaders.refreshFamiliesBySession.load(session._id);
    return families.reduce<StoredFamily | null>(
      (last, family) => (last && last.rotatedAt >= family.rotatedAt ? last : family),
      null,
    );
  }

  @FieldResolver()
  viewerCan(@Root() session: StoredSession, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'Session', session);
  }
}

@Resolver(() => RefreshFamily)
export class RefreshFamilyResolver {
  @FieldResolver(() => ID)
  id(@Root() family: StoredFamily): string {
    return toGlobalId('RefreshFamily', family._id);
  }

  @FieldResolver(() => DateTime, { nullable: true, description: 'When such a loser came last.' })
  lastReplay(@Root() { lastReplayAt }: StoredFamily): Date | null {
    return lastReplayAt ?? null;
  }

  @FieldResolver(() => Session, { nullable: true })
  session(@Root() family: StoredFamily, @Ctx() { loaders }: GraphQLContext): Promise<StoredSession | null> {
    return loaders.sessions.load(family.sessionId);
  }

  @FieldResolver(() => User, { nullable: true })
  user(@Root() family: StoredFamily, @Ctx() { loaders }: GraphQLContext): Promise<StoredUser | null> {
    return loaders.users.load(family.userId);
  }

  @FieldResolver(() => Client, { nullable: true })
  client(@Root() family: StoredFamily, @Ctx() { loaders }: GraphQLContext): Promise<StoredClient | null> {
    return loaders.clients.load(family.clientId);
  }

  @FieldResolver()
  viewerCan(@Root() family: StoredFamily, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'RefreshFamily', family);
  }
}
