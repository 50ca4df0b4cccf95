import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Int, Query, Resolver, Root } from 'type-graphql';
import type { PolicyDraft } from '../identity/deps.js';
import { readPolicyVersion } from '../identity/policyVersions.js';
import type { PolicyVersion as StoredVersion } from '../models/policyVersion.js';
import { describeChange, describeDiff, diffPolicies } from '../policies/diff.js';
import type { Policy } from '../policies/rule.js';
import { viewerCan } from '../policies/viewerCan.js';
import type { Page } from '../schema/connection.js';
import { toGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { Node, type Typed } from '../schema/Node.js';
import {
  PolicyVersion,
  PolicyVersionConnection,
  PolicyVersionOrder,
  PolicyVersionRole,
  PolicyVersionScope,
} from '../schema/PolicyVersion.js';
import { PagingArgs } from '../schema/paging.js';
import { PolicyDiff } from '../schema/policyDiff.js';
import type { GraphQLContext } from './context.js';
import { assertReadable } from './judge.js';
import { POLICY_VERSIONS } from './lists/definitions.js';
import { fetchPage } from './lists/page.js';
import { typed } from './loaders.js';

@Resolver(() => PolicyVersion)
export class PolicyVersionResolver {
  @Requires({ action: 'list', subject: 'PolicyVersion', target: { from: 'none' } })
  @Query(() => PolicyVersionConnection, {
    nullable: true,
    description: 'Every published state of the policy, newest first.',
  })
  policyVersions(
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Arg('orderBy', () => PolicyVersionOrder, { nullable: true }) orderBy?: PolicyVersionOrder,
  ): Promise<Page<StoredVersion>> {
    return fetchPage(context, POLICY_VERSIONS, { paging, orderBy }, info);
  }

  @Requires({ action: 'read', subject: 'PolicyVersion', target: { from: 'none' }, field: 'roles' })
  @Query(() => PolicyDiff, {
    nullable: true,
    description: 'What differs between two versions of the policy.',
  })
  async policyDiff(
    @Ctx() context: GraphQLContext,
    @Arg('from', () => Int) from: number,
    @Arg('to', () => Int) to: number,
  ): Promise<PolicyDiff> {
    const [before, after] = [await readableVersion(context, from), await readableVersion(context, to)];
    const diff = diffPolicies(context.access.catalog, before, after);
    const rights = diff.rights.map((change) => ({ ...change, text: describeChange(change) }));
    return { ...diff, rights, from, to, text: describeDiff(diff) };
  }

  @FieldResolver(() => ID)
  id(@Root() { _id }: StoredVersion): string {
    return toGlobalId('PolicyVersion', String(_id));
  }

  @FieldResolver(() => Int, { nullable: true })
  version(@Root() { _id }: StoredVersion): number {
    return _id;
  }

  @FieldResolver(() => Node, { nullable: true })
  async publisher(
    @Root() { publishedBy }: StoredVersion,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<Typed<object> | null> {
    if (!publishedBy) return null;
    const user = await loaders.users.load(publishedBy);
    if (user) return typed({ type: 'User', object: user });
    const client = await loaders.clients.load(publishedBy);
    return client && typed({ type: 'Client', object: client });
  }

  @FieldResolver(() => Boolean, { nullable: true })
  current(@Root() { _id }: StoredVersion, @Ctx() { policy }: GraphQLContext): boolean {
    return _id === policy.version;
  }

  @FieldResolver(() => [PolicyVersionRole], { nullable: true })
  roles(@Root() { snapshot }: StoredVersion): readonly object[] {
    return stated((JSON.parse(snapshot) as PolicyDraft).roles);
  }

  @FieldResolver(() => [PolicyVersionScope], { nullable: true })
  scopes(@Root() { snapshot }: StoredVersion): readonly object[] {
    return stated((JSON.parse(snapshot) as PolicyDraft).scopes);
  }

  @FieldResolver()
  viewerCan(@Root() version: StoredVersion, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'PolicyVersion', version);
  }
}

/** With conditions as stored rules have them, which is how `PolicyRule` is resolved. */
function stated(holders: PolicyDraft['roles'] | PolicyDraft['scopes']): readonly object[] {
  return holders.map((holder) => ({
    ...holder,
    rules: holder.rules.map((rule) => ({
      ...rule,
      conditions: rule.conditions ? JSON.stringify(rule.conditions) : null,
    })),
  }));
}

/** @throws AppError NOT_FOUND, FORBIDDEN */
async function readableVersion(context: GraphQLContext, version: number): Promise<Policy> {
  const node = await context.loaders.byGlobalId(toGlobalId('PolicyVersion', String(version)));
  assertReadable(context, 'PolicyVersion', node?.object, ['roles', 'scopes']);
  const policy = await readPolicyVersion(context.deps, version);
  if (policy === null) throw new Error('a version of the policy is never removed');
  return policy;
}
