import { userPrincipal } from '../../identity/sessions/principal.js';
import { isInGoodStanding } from '../../identity/sessions/standing.js';
import type { User } from '../../models/user.js';
import { candidates, type Grant, grantsOf } from '../../policies/questions.js';
import type { Requirement } from '../../policies/rule.js';
import type { AccessHolder, AccessHolderConnection } from '../../schema/accessHolders.js';
import type { PagingArgs } from '../../schema/paging.js';
import type { GraphQLContext } from '../context.js';
import { decodeCursor, encodeCursor } from '../lists/cursor.js';
import { allOf } from '../lists/filter.js';
import { readPaging } from '../lists/paging.js';
import type { Question } from './asking.js';

/** A request judges so many users; a page that is not full by then is short, and the next one goes on from there. */
const MOST_JUDGED = 1000;
const LIST = 'whoCan';

type Holders = Omit<AccessHolderConnection, 'roles'> & { readonly roles: readonly object[] };

/**
 * Who holds a right, by id, of the users whom the caller may list: the rules narrow the query, the judge decides.
 * Those who lack only a stronger sign-in are among them, with what they must reach. Without an object: whoever holds
 * it on some object. @throws AppError BAD_USER_INPUT, LIMIT_EXCEEDED for paging arguments out of range
 */
export async function whoCan(
  context: GraphQLContext,
  question: Question,
  object: object | null,
  paging: Pick<PagingArgs, 'first' | 'after'>,
): Promise<Holders> {
  const { access, deps, policy } = context;
  const { size, cursor, cursorArgument } = readPaging(paging);
  const grants = grantsOf(policy, question.action, question.type, question.field);
  let after = cursor === null ? null : String(decodeCursor(deps.secrets, LIST, cursor, cursorArgument).id);
  const found: { id: string; holder: AccessHolder }[] = [];
  let isEnd = grants.length === 0;
  for (let judged = 0; !isEnd && judged < MOST_JUDGED && found.length <= size; judged += 100) {
    const users = await nextUsers(context, grants, object, after, access.filter('list', 'User'));
    for (const user of users) {
      const holder = holderOf(context, question, object, user);
      if (holder !== null && found.length <= size) found.push({ id: user._id, holder });
      if (found.length <= size) after = user._id;
    }
    isEnd = users.length < 100 && found.length <= size;
  }
  const edges = found
    .slice(0, size)
    .map(({ id, holder }) => ({ cursor: cursorOf(context, id), node: holder }));
  const hasNextPage = found.length > size || !isEnd;
  const last = found.length > size ? found[size - 1]?.id : after;
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: cursor !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: last ? cursorOf(context, last) : null,
    },
    roles: grants.map(({ role, ruleId, rule }) => ({
      role,
      ruleId,
      conditions: rule.conditions ?? null,
      requires: rule.requires ?? null,
    })),
  };
}

const cursorOf = ({ deps }: GraphQLContext, id: string) =>
  encodeCursor(deps.secrets, LIST, { value: null, id });

function nextUsers(
  { deps, access }: GraphQLContext,
  grants: readonly Grant[],
  object: object | null,
  after: string | null,
  listed: Record<string, unknown>,
): Promise<User[]> {
  const query = allOf([
    { $or: grants.map((grant) => candidates(access.catalog, grant, object)) },
    listed,
    after === null ? {} : { _id: { $gt: after } },
  ]);
  return deps.models.users.find(query).sort({ _id: 1 }).limit(100).lean();
}

function holderOf(
  { deps, accessOf }: GraphQLContext,
  { action, type, field }: Question,
  object: object | null,
  user: User,
): AccessHolder | null {
  const now = deps.clock();
  if (!isInGoodStanding(user, now)) return null;
  const access = accessOf(userPrincipal(user, null, null, now));
  if (object === null) {
    const { outcome, rules } = access.outlook(action, type, field);
    if (outcome === 'never') return null;
    const allows = rules.filter(({ rule }) => rule.effect === 'allow');
    return { user, ruleIds: allows.map(({ ruleId }) => ruleId), requirement: null };
  }
  const { decision, rules } = access.explain(action, type, object, field);
  if (decision.code === 'FORBIDDEN') return null;
  const allows = rules.filter(({ effect, failing }) => effect === 'allow' && failing === null);
  return {
    user,
    ruleIds: allows.map(({ ruleId }) => ruleId),
    requirement: requirementOf(decision.requirement),
  };
}

export function requirementOf(requirement: Requirement | null): AccessHolder['requirement'] {
  return requirement && { acr: requirement.acr ?? null, maxAgeSeconds: requirement.maxAgeSeconds ?? null };
}
