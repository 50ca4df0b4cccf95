import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { KeptDecision } from '../models/decision.js';
import { viewerCan } from '../policies/viewerCan.js';
import { Decision, type RuleJudgement } from '../schema/Decision.js';
import { Requires } from '../schema/governance.js';
import type { GraphQLContext } from './context.js';

@Resolver(() => Decision)
export class DecisionResolver {
  @Requires({ action: 'read', subject: 'Decision', target: { from: 'none' } })
  @Query(() => Decision, {
    nullable: true,
    description:
      'A refusal by the `decisionId` of its error, for a day. The last ones may take a second to be found.',
  })
  decision(@Ctx() { deps }: GraphQLContext, @Arg('id', () => ID) id: string): Promise<KeptDecision | null> {
    return deps.decisions.find(id);
  }

  @FieldResolver(() => ID)
  id(@Root() decision: KeptDecision): string {
    return decision._id;
  }

  @FieldResolver(() => String, { nullable: true })
  type(@Root() decision: KeptDecision): string {
    return decision.subject;
  }

  @FieldResolver()
  rules(@Root() decision: KeptDecision): RuleJudgement[] {
    return JSON.parse(decision.rules) as RuleJudgement[];
  }

  @FieldResolver()
  viewerCan(@Root() decision: KeptDecision, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'Decision', decision);
  }
}
