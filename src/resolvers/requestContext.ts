import type { FastifyReply, FastifyRequest } from 'fastify';
import { challengeOf } from '../http/challenge.js';
import {
  clearSessionCookie,
  readTrustedDevice,
  setKnownDevice,
  setSessionCookie,
  setTrustedDevice,
} from '../http/cookies.js';
import { readCredentials } from '../http/credentials.js';
import { statusOf } from '../http/errorReply.js';
import { toAppError } from '../http/errors.js';
import { provenSender } from '../http/provenSender.js';
import type { Deps } from '../identity/deps.js';
import { actedOrigin } from '../identity/sessions/actor.js';
import { authenticateRequest } from '../identity/sessions/authenticate.js';
import type { Confirmation } from '../identity/tokens/accessToken.js';
import { createAccess } from '../policies/access.js';
import { type Catalog, WHOLE } from '../policies/catalog.js';
import type { Access } from '../policies/decision.js';
import type { Principal } from '../policies/principal.js';
import type { ClientCeilings } from './clientCeilings.js';
import type { GraphQLContext } from './context.js';
import { DecisionRecorder } from './decisions/recorder.js';
import { refuseRequest } from './errors.js';
import { createLoaders } from './loaders.js';

/**
 * Who asks, with what rights, for one request: decided by the policy version in force at its start.
 * @throws GraphQLError with HTTP status 401 for a credential that does not hold
 */
export async function createContext(
  deps: Deps,
  catalog: Catalog,
  ceilings: ClientCeilings,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<GraphQLContext> {
  const { config } = deps;
  const policy = deps.policy.current();
  const now = deps.clock();
  const caller = await authenticateRequest(deps, readCredentials(deps, request, reply), request.origin).catch(
    (error: unknown) => {
      const refusal = toAppError(error);
      const status = statusOf(refusal);
      throw refuseRequest(refusal, status, status === 401 ? challengeOf(request, refusal) : undefined);
    },
  );
  const origin = actedOrigin(request.origin, caller.principal);
  const clientScopes = await ceilings.scopesOf(caller.principal, caller.client);
  const accessOf = (principal: Principal) =>
    createAccess(policy, catalog, principal, now, principal === caller.principal ? { clientScopes } : {});

  const loaders = createLoaders(deps, policy);
  if (caller.user) loaders.users.prime(caller.user._id, caller.user);
  if (caller.session) loaders.sessions.prime(caller.session._id, caller.session);
  if (caller.client) loaders.clients.prime(caller.client._id, caller.client);
  const access = accessOf(caller.principal);
  const sample = deps.samples.begin(policy, catalog, caller.principal, clientScopes ?? null, now);
  // A proof is good once, and a request may hold several mutations.
  let sender: Promise<Confirmation | null> | undefined;
  return {
    deps,
    origin,
    proveSender: () => (sender ??= provenSender(deps, request, reply, caller.claims)),
    loaders,
    policy,
    principal: caller.principal,
    access: sample?.watch(access) ?? access,
    sample,
    accessOf,
    viewer: caller.user,
    client: caller.client,
    session: caller.session,
    ...(wantsExplanations(request) && mayExplain(access) && { watch: new DecisionRecorder() }),
    signInContext: {
      origin,
      binding: `program:${origin.userAgent}`,
      trustedDevice: readTrustedDevice(request, config),
    },
    reply: {
      setSessionCookie: (value) => setSessionCookie(reply, config, value),
      clearSessionCookie: () => clearSessionCookie(reply, config),
      setTrustedDevice: (value) => setTrustedDevice(reply, config, value),
      setKnownDevice: (value) => setKnownDevice(reply, config, value),
    },
  };
}

function wantsExplanations({ headers }: FastifyRequest): boolean {
  return headers['x-fieldgate-explain'] === '1';
}

/** Without the right the header is as good as none: refusals still carry the id of their decision. */
function mayExplain(access: Access): boolean {
  return access.decide('explain', 'Decision', null, WHOLE).allowed;
}
