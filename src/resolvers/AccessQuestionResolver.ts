import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, ID, Info, Int, Query, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { rightsOf } from '../policies/questions.js';
import { AccessHolderConnection } from '../schema/accessHolders.js';
import {
  AccessExplanation,
  AccessMask,
  AccessRight,
  Permission,
  PermissionCheck,
  PermissionCode,
  PrincipalInput,
} from '../schema/accessQuestions.js';
import { Public } from '../schema/governance.js';
import { JsonObject } from '../schema/scalars.js';
import { actorOf, type GraphQLContext } from './context.js';
import { readQuestion, visibleObject } from './decisions/asking.js';
import { describe } from './decisions/describe.js';
import { maskOf } from './decisions/mask.js';
import { requirementOf, whoCan } from './decisions/whoCan.js';
import { mayExplain, type Whose, whose } from './decisions/whose.js';
import { assertAllowed } from './judge.js';

const MOST_CHECKS = 100;
const WHOSE = 'The caller, if left out; anybody else takes `explain` on `Decision`, and is audited.';

@Resolver()
export class AccessQuestionResolver {
  @Public('about the caller, or with `explain`, which is judged inside')
  @Query(() => AccessExplanation, { nullable: true, description: 'What is decided of one right, and why.' })
  async explainAccess(
    @Ctx() context: GraphQLContext,
    @Arg('action', () => String) action: string,
    @Arg('type', () => String) type: string,
    @Arg('principal', () => PrincipalInput, { nullable: true, description: WHOSE })
    principal?: PrincipalInput,
    @Arg('object', () => ID, { nullable: true }) id?: string,
    @Arg('field', () => String, { nullable: true }) field?: string,
  ): Promise<object> {
    const question = readQuestion(context, { action, type, field });
    const { access } = await whose(context, principal, `explainAccess ${action} ${type}.${question.field}`);
    const object = id ? await visibleObject(context, type, id) : null;
    if (id && !object) throw new AppError('NOT_FOUND', `${type}: missing or out of sight`);
    const { rules, failingCondition, decidedBy, ...rest } = describe(
      { action, subject: type, field: question.field },
      access.explain(action, type, object, question.field),
    );
    const { code, policyVersion, remedy, leg, ruleId, withoutRule } = rest;
    const told = { code, policyVersion, remedy, requirement: requirementOf(rest.requirement) };
    if (!mayExplain(context)) return told;
    return { ...told, leg, ruleId, decidedBy, failingCondition, rules, withoutRule };
  }

  @Public('about the caller, or with `explain`, which is judged inside')
  @Query(() => [AccessRight], {
    nullable: true,
    description: 'Everything that somebody may do: type × field × action. What is missing may never be done.',
  })
  async whatCan(
    @Ctx() context: GraphQLContext,
    @Arg('principal', () => PrincipalInput, { nullable: true, description: WHOSE })
    principal?: PrincipalInput,
  ): Promise<object[]> {
    const { access } = await whose(context, principal, 'whatCan');
    const withRules = mayExplain(context);
    return rightsOf(access).map(({ subject, field, action, outcome, rules }) => ({
      type: subject,
      field,
      action,
      outcome,
      rules: withRules
        ? rules.map(({ leg, ruleId, rule: { effect, conditions, requires } }) => ({
            leg,
            ruleId,
            effect,
            conditions: conditions ?? null,
            requires: requirementOf(requires ?? null),
          }))
        : null,
    }));
  }

  @Public('takes `explain`, which is judged inside')
  @Query(() => AccessHolderConnection, {
    nullable: true,
    description:
      'The users who hold a right, of those whom the caller may list, and the roles that may give it. Takes `explain` on `Decision`, and is audited.',
  })
  async whoCan(
    @Ctx() context: GraphQLContext,
    @Arg('action', () => String) action: string,
    @Arg('type', () => String) type: string,
    @Arg('field', () => String, { nullable: true }) field?: string,
    @Arg('object', () => ID, { nullable: true, description: 'Left out: on some object.' }) id?: string,
    @Arg('first', () => Int, { nullable: true, description: '1 to 100, 20 if left out.' }) first?: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
  ): Promise<object> {
    assertAllowed(context, 'explain', 'Decision', null);
    const question = readQuestion(context, { action, type, field });
    const object = id ? await visibleObject(context, type, id) : null;
    if (id && !object) throw new AppError('NOT_FOUND', `${type}: missing or out of sight`);
    await audited(context, `whoCan ${action} ${type}.${question.field}`);
    return whoCan(context, question, object, { first: first ?? null, after: after ?? null });
  }

  @Public('takes `explain`, which is judged inside')
  @Query(() => AccessMask, {
    nullable: true,
    description:
      'What of a query somebody else would see: no value, only what is allowed, denied and filtered. Takes every right to read that the other holds.',
  })
  async viewAs(
    @Ctx() context: GraphQLContext,
    @Info() { schema }: GraphQLResolveInfo,
    @Arg('principal', () => PrincipalInput) principal: PrincipalInput,
    @Arg('query', () => String) query: string,
    @Arg('variables', () => JsonObject, { nullable: true }) variables?: Record<string, unknown>,
  ): Promise<object> {
    const other = await whose(context, principal, 'viewAs');
    return {
      policyVersion: context.policy.version,
      paths: await maskOf(context, other, schema, query, variables ?? {}),
    };
  }

  @Public('about the caller, or with `explain`, which is judged inside')
  @Query(() => [Permission], {
    nullable: true,
    description: `Up to ${MOST_CHECKS} rights at once; answers stand in the order of the checks.`,
  })
  async checkPermissions(
    @Ctx() context: GraphQLContext,
    @Arg('checks', () => [PermissionCheck]) checks: PermissionCheck[],
    @Arg('principal', () => PrincipalInput, { nullable: true, description: WHOSE })
    principal?: PrincipalInput,
  ): Promise<object[]> {
    if (checks.length > MOST_CHECKS) {
      throw new AppError('LIMIT_EXCEEDED', 'too many checks', {
        path: ['checks'],
        publicMessage: `There are ${checks.length} checks, the limit is ${MOST_CHECKS}.`,
      });
    }
    const other = await whose(context, principal, `checkPermissions of ${checks.length}`);
    return Promise.all(checks.map((check, index) => permissionOf(context, other, check, index)));
  }
}

async function permissionOf(
  context: GraphQLContext,
  { access }: Whose,
  check: PermissionCheck,
  index: number,
): Promise<object> {
  const { action, type, field } = readQuestion(context, check, ['checks', String(index)]);
  const object = check.id ? await visibleObject(context, type, check.id) : null;
  if (check.id && !object) return { allowed: false, code: PermissionCode.NOT_FOUND };
  const { allowed, code, remedy, requirement } = access.decide(action, type, object, field);
  return { allowed, code, remedy, requirement: requirementOf(requirement) };
}

async function audited(context: GraphQLContext, reason: string): Promise<void> {
  const { deps, origin } = context;
  const actor = actorOf(context);
  await deps.audit.record({ action: 'policy.ask', outcome: 'success', actor, origin, reason });
}
