import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import { RISK_ACTIONS, SECURITY_ACTIONS } from '../identity/risk/securityEvents.js';
import type { AuditEvent as StoredEvent } from '../models/auditEvent.js';
import type { User as StoredUser } from '../models/user.js';
import { AuditEventConnection } from '../schema/AuditEvent.js';
import type { Page } from '../schema/connection.js';
import { fromGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { PagingArgs } from '../schema/paging.js';
import { User } from '../schema/User.js';
import type { GraphQLContext } from './context.js';
import { auditEventsOf } from './lists/definitions.js';
import { fetchPage } from './lists/page.js';

@Resolver(() => User)
export class SecurityEventResolver {
  @FieldResolver(() => AuditEventConnection, {
    nullable: true,
    description:
      'What concerns the safety of the account, by its owner or by nobody known, the newest first.',
  })
  securityEvents(
    @Root() user: StoredUser,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
  ): Promise<Page<StoredEvent>> {
    const within = {
      action: { $in: SECURITY_ACTIONS },
      $or: [{ actorId: user._id }, { objectId: user._id }],
    };
    return fetchPage(context, auditEventsOf(context.deps.secrets), { paging, within }, info);
  }

  @Requires({ action: 'list', subject: 'AuditEvent', target: { from: 'none' } })
  @Query(() => AuditEventConnection, {
    nullable: true,
    description: 'What spoke against sign-ins and refreshes, of everybody or of one user, the newest first.',
  })
  riskSignals(
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Arg('user', () => ID, { nullable: true }) user?: string | null,
  ): Promise<Page<StoredEvent>> {
    const userId = user ? fromGlobalId('User', user, ['user']) : null;
    const within = {
      action: { $in: RISK_ACTIONS },
      ...(userId !== null && { $or: [{ actorId: userId }, { objectId: userId }] }),
    };
    return fetchPage(context, auditEventsOf(context.deps.secrets), { paging, within }, info);
  }
}
