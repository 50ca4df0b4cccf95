import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import type { Role as StoredRole, StoredRule } from '../models/role.js';
import { viewerCan } from '../policies/viewerCan.js';
import type { Page } from '../schema/connection.js';
import { rawId, toGlobalId } from '../schema/globalId.js';
import { Public, Requires } from '../schema/governance.js';
import { PagingArgs } from '../schema/paging.js';
import { PolicyRule, Role, RoleConnection, RoleFilter, RoleOrder } from '../schema/Role.js';
import { JsonObject } from '../schema/scalars.js';
import type { GraphQLContext } from './context.js';
import { ROLES } from './lists/definitions.js';
import { fetchPage } from './lists/page.js';

@Resolver(() => Role)
export class RoleResolver {
  @Public('answers only with a role that the viewer may see')
  @Query(() => Role, { nullable: true })
  role(
    @Ctx() { loaders }: GraphQLContext,
    @Arg('name', () => String, { description: 'Name or global id.' }) name: string,
  ): Promise<StoredRole | null> {
    return loaders.roles.load(rawId('Role', name));
  }

  @Requires({ action: 'list', subject: 'Role', target: { from: 'none' } })
  @Query(() => RoleConnection, { nullable: true })
  roles(
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Arg('filter', () => RoleFilter, { nullable: true }) filter?: RoleFilter,
    @Arg('orderBy', () => RoleOrder, { nullable: true }) orderBy?: RoleOrder,
  ): Promise<Page<StoredRole>> {
    return fetchPage(context, ROLES, { paging, filter, orderBy }, info);
  }

  @FieldResolver(() => ID)
  id(@Root() role: StoredRole): string {
    return toGlobalId('Role', role._id);
  }

  @FieldResolver(() => String, { nullable: true })
  name(@Root() role: StoredRole): string {
    return role._id;
  }

  @FieldResolver()
  viewerCan(@Root() role: StoredRole, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'Role', role);
  }
}

@Resolver(() => PolicyRule)
export class PolicyRuleResolver {
  @FieldResolver(() => JsonObject, { nullable: true })
  conditions(@Root() rule: StoredRule): object | null {
    return rule.conditions ? (JSON.parse(rule.conditions) as object) : null;
  }
}
