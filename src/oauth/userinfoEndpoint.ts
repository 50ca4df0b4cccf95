import type { AuthenticatedRequest } from '../identity/sessions/authenticate.js';
import { userClaims } from '../identity/tokens/userClaims.js';
import type { User } from '../models/user.js';
import { authenticateBearer, insufficientScope } from './bearer.js';
import { userinfoSchema } from './documentation.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';

interface UserinfoExchange extends Exchange {
  caller: AuthenticatedRequest;
  user: User;
  scopes: readonly string[];
}

const authenticate: Step<UserinfoExchange> = async (exchange) => {
  exchange.caller = await authenticateBearer(exchange);
};

/** OpenID Connect Core §5.3: the endpoint serves tokens of an OpenID request; a client's own token is about nobody. */
const checkScope: Step<UserinfoExchange> = (exchange) => {
  const { user, principal } = exchange.caller;
  const scopes = principal.token?.scopes ?? [];
  if (!user || !scopes.includes('openid')) throw insufficientScope('openid');
  exchange.user = user;
  exchange.scopes = scopes;
};

/** OpenID Connect Core §5.4: the scopes decide which claims. */
const answer: Step<UserinfoExchange> = ({ reply, user, scopes }) => {
  void reply.send({ sub: user._id, ...userClaims(user, scopes) });
};

const STEPS = [forbidCaching, authenticate, checkScope, answer] as const;

export const userinfoEndpoint: Endpoint = {
  path: '/oauth/userinfo',
  methods: ['GET', 'POST'],
  schema: userinfoSchema,
  metadata: (url) => ({ userinfo_endpoint: url }),
  handle: (exchange) => runSteps<UserinfoExchange>(exchange, STEPS),
};
