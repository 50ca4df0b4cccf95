import { AppError } from '../../errors.js';
import { clientPrincipal, userPrincipal } from '../../identity/sessions/principal.js';
import { isInGoodStanding } from '../../identity/sessions/standing.js';
import type { Client } from '../../models/client.js';
import type { User } from '../../models/user.js';
import { WHOLE } from '../../policies/catalog.js';
import type { Access } from '../../policies/decision.js';
import type { Principal } from '../../policies/principal.js';
import type { PrincipalInput } from '../../schema/accessQuestions.js';
import { fromGlobalId, parseGlobalId } from '../../schema/globalId.js';
import { actorOf, type GraphQLContext } from '../context.js';
import { assertAllowed, assertVisible } from '../judge.js';

/** Whose rights a question is about. */
export interface Whose {
  readonly principal: Principal;
  readonly access: Access;
  readonly user: User | null;
  readonly client: Client | null;
}

/** Whether the caller may have reasons, and may ask about others. */
export function mayExplain({ access }: Pick<GraphQLContext, 'access'>): boolean {
  return access.decide('explain', 'Decision', null, WHOLE).allowed;
}

/**
 * The principal of a question: the caller, who needs no right for that, or somebody whom the caller sees, which takes
 * `explain` and is audited. A locked or disabled account has no roles.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT; GraphQLError UNAUTHENTICATED, FORBIDDEN
 */
export async function whose(
  context: GraphQLContext,
  input: PrincipalInput | null | undefined,
  question: string,
): Promise<Whose> {
  const { principal, viewer, client } = context;
  if (!input) {
    if (principal.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', `${question}: nobody asks`);
    return { principal, access: context.accessOf(principal), user: viewer, client };
  }
  assertAllowed(context, 'explain', 'Decision', null);
  const type = parseGlobalId(input.id)?.type === 'Client' ? 'Client' : 'User';
  const id = fromGlobalId(type, input.id, ['principal', 'id']);
  const object =
    type === 'User' ? await context.loaders.users.load(id) : await context.loaders.clients.load(id);
  assertVisible(context, type, object);
  const other = type === 'User' ? userOf(context, object as User, input) : clientOf(object as Client, input);
  await context.deps.audit.record({
    action: 'policy.ask',
    outcome: 'success',
    actor: actorOf(context),
    origin: context.origin,
    objectType: type,
    objectId: id,
    reason: question,
  });
  return { ...other, access: context.accessOf(other.principal) };
}

const tokenOf = (scopes: readonly string[]) => ({ jti: '', clientId: '', scopes, audience: [] });

function userOf(
  { deps }: GraphQLContext,
  user: User,
  { scopes, acr }: PrincipalInput,
): Omit<Whose, 'access'> {
  const now = deps.clock();
  const authTimeSeconds = Math.floor(now.getTime() / 1000);
  const session = acr ? { id: '', acr, amr: [], authTimeSeconds } : null;
  const principal = userPrincipal(user, session, scopes ? tokenOf(scopes) : null, now);
  return {
    principal: isInGoodStanding(user, now) ? principal : { ...principal, roles: [] },
    user,
    client: null,
  };
}

function clientOf(client: Client, { scopes }: PrincipalInput): Omit<Whose, 'access'> {
  const principal = clientPrincipal(client, { ...tokenOf(scopes ?? client.scopes), clientId: client._id });
  return {
    principal: client.status === 'active' ? principal : { ...principal, roles: [] },
    user: null,
    client,
  };
}
