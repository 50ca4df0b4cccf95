import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { type Published, publishPolicy, rollbackPolicy } from '../identity/policy/publishPolicy.js';
import { describeDiff } from '../policies/diff.js';
import { Requires } from '../schema/governance.js';
import {
  PublishPolicyInput,
  PublishPolicyPayload,
  RollbackPolicyInput,
  RollbackPolicyPayload,
} from '../schema/policyPublication.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { setOf } from './input.js';

@Resolver()
export class PolicyPublicationResolver {
  @Requires({ action: 'publish', subject: 'PolicyVersion', target: { from: 'none' } })
  @Mutation(() => PublishPolicyPayload, {
    nullable: true,
    description:
      'Makes a draft the policy in force, at once for new requests; every replica follows within a second. Nobody grants a right that they do not hold.',
  })
  publishPolicy(
    @Arg('input', () => PublishPolicyInput) input: PublishPolicyInput,
    @Ctx() context: GraphQLContext,
  ): Promise<PublishPolicyPayload> {
    const { deps, access, origin } = context;
    return answer({ version: null, changes: [] }, async () => {
      const { draft, ...rest } = setOf(input);
      const published = await publishPolicy(
        deps,
        { draft: setOf(draft), ...rest },
        access,
        actorOf(context),
        origin,
      );
      return payload(context, published);
    });
  }

  @Requires({ action: 'rollback', subject: 'PolicyVersion', target: { from: 'none' } })
  @Mutation(() => RollbackPolicyPayload, {
    nullable: true,
    description: 'Publishes the roles and scopes of an earlier version again. Checked like a draft.',
  })
  rollbackPolicy(
    @Arg('input', () => RollbackPolicyInput) input: RollbackPolicyInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RollbackPolicyPayload> {
    const { deps, access, origin } = context;
    return answer({ version: null, changes: [] }, async () => {
      const published = await rollbackPolicy(deps, setOf(input), access, actorOf(context), origin);
      return payload(context, published);
    });
  }
}

async function payload(
  { loaders }: GraphQLContext,
  { policy, diff }: Published,
): Promise<Pick<PublishPolicyPayload, 'version' | 'changes'>> {
  const node = await loaders.byGlobalId(`PolicyVersion:${policy.version}`);
  return { version: node?.object ?? null, changes: describeDiff(diff).split('\n').filter(Boolean) };
}
