import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { needsAcknowledgement } from '../identity/policy/publishPolicy.js';
import { simulatePolicy } from '../identity/policy/simulatePolicy.js';
import { suggestPolicy } from '../identity/policy/suggestPolicy.js';
import { describeChange, diffPolicies } from '../policies/diff.js';
import { parseGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { PolicySimulation, PolicySuggestion, SimulatePolicyInput } from '../schema/policySimulation.js';
import { DateTime } from '../schema/scalars.js';
import type { GraphQLContext } from './context.js';
import { setOf } from './input.js';
import { assertReadable } from './judge.js';

@Resolver()
export class PolicySimulationResolver {
  @Requires({ action: 'simulate', subject: 'PolicyVersion', target: { from: 'none' }, field: '*' })
  @Query(() => PolicySimulation, {
    nullable: true,
    description: 'Replays recorded decisions under a draft. Publishes nothing.',
  })
  async simulatePolicy(
    @Ctx() { deps, access }: GraphQLContext,
    @Arg('input', () => SimulatePolicyInput) input: SimulatePolicyInput,
  ): Promise<PolicySimulation> {
    const { draft, since } = setOf(input);
    const inForce = deps.policy.current();
    const { result, after } = await simulatePolicy(deps, {
      draft: setOf(draft),
      ...(since !== undefined && { since }),
    });
    const diff = diffPolicies(access.catalog, inForce, after);
    const rights = diff.rights.map((change) => ({ ...change, text: describeChange(change) }));
    return { ...result, rights, needsAcknowledgement: needsAcknowledgement(deps, diff, result) };
  }

  @Requires({ action: 'suggest', subject: 'PolicyVersion', target: { from: 'none' }, field: '*' })
  @Query(() => PolicySuggestion, {
    nullable: true,
    description:
      'The smallest set of rules that would have sufficed for what a user or client did, as far as it was recorded, and rights never used.',
  })
  async suggestPolicy(
    @Ctx() context: GraphQLContext,
    @Arg('principal', () => ID, { description: 'Of a user or a client.' }) principal: string,
    @Arg('since', () => DateTime) since: Date,
  ): Promise<PolicySuggestion> {
    const parsed = parseGlobalId(principal);
    if (parsed?.type !== 'User' && parsed?.type !== 'Client') {
      throw new AppError('BAD_USER_INPUT', 'neither a user nor a client', {
        path: ['principal'],
        publicMessage: 'Not the id of a user or a client.',
      });
    }
    const node = await context.loaders.byGlobalId(principal);
    assertReadable(context, parsed.type, node?.object, ['roles']);
    const kind = parsed.type === 'User' ? 'user' : 'client';
    const suggestion = await suggestPolicy(context.deps, { kind, id: parsed.id }, since);
    const rules = suggestion.rules.map((rule) => ({
      ...rule,
      conditions: rule.conditions ? JSON.stringify(rule.conditions) : null,
    }));
    return { ...suggestion, rules };
  }
}
