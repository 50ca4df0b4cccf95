import { signingAlgorithms } from '../identity/keys/algorithms.js';
import type { AuthenticatedRequest } from '../identity/sessions/authenticate.js';
import type { AccessTokenClaims } from '../identity/tokens/accessToken.js';
import { type ClaimSelection, userClaims } from '../identity/tokens/userClaims.js';
import type { User } from '../models/user.js';
import { authenticateBearer, insufficientScope } from './bearer.js';
import { userinfoSchema } from './documentation/tokens.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';

interface UserinfoExchange extends Exchange {
  caller: AuthenticatedRequest;
  user: User;
  token: AccessTokenClaims;
}

const authenticate: Step<UserinfoExchange> = async (exchange) => {
  exchange.caller = await authenticateBearer(exchange);
};

/** OpenID Connect Core §5.3: the endpoint serves tokens of an OpenID request; a client's own token is about nobody. */
const checkScope: Step<UserinfoExchange> = (exchange) => {
  const { user, claims } = exchange.caller;
  if (!user || !claims?.scopes.includes('openid')) throw insufficientScope('openid');
  exchange.user = user;
  exchange.token = claims;
};

/**
 * OpenID Connect Core §5.4, §5.5: the scopes and the claims by name decide, less what the person refused; §5.3.2: as a
 * JWT for a client that registered an algorithm for it. It has no `exp`, so nobody can take it for an ID token.
 */
const answer: Step<UserinfoExchange> = async ({ deps, reply, user, token }) => {
  const { claims, refused, alg } = token.userinfo;
  const selection: ClaimSelection = {
    scopes: token.scopes,
    ...(claims && { demands: claims }),
    ...(refused && { refusedClaims: refused }),
  };
  const body = { sub: token.shownSubject, ...userClaims(user, selection) };
  if (alg === undefined) {
    void reply.send(body);
    return;
  }
  const { issuer } = deps.config;
  const payload = { ...body, iss: issuer, aud: token.clientId };
  void reply.type('application/jwt').send(await deps.keys.sign(payload, { typ: 'JWT', algorithm: alg }));
};

const STEPS = [forbidCaching, authenticate, checkScope, answer] as const;

export const userinfoEndpoint: Endpoint = {
  path: '/oauth/userinfo',
  methods: ['GET', 'POST'],
  schema: userinfoSchema,
  metadata: (url, deps) => ({
    userinfo_endpoint: url,
    userinfo_signing_alg_values_supported: signingAlgorithms(deps.config),
  }),
  handle: (exchange) => runSteps<UserinfoExchange>(exchange, STEPS),
};
