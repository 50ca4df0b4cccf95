import type { Config } from '../../config/schema.js';
import { PERSONAL_CLAIMS } from '../../identity/authorization/claimsRequest.js';
import { signingAlgorithms } from '../../identity/keys/algorithms.js';
import { ATTAINABLE_ACRS } from '../../identity/sessions/acr.js';
import { CLIENT_SIGNATURE_ALGORITHMS } from '../../identity/tokens/signatureAlgorithms.js';
import { authorizeSchema } from '../documentation/browser.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from '../endpoint.js';
import type { AuthorizeExchange } from './exchange.js';
import { keep, proceed, redirectWithin } from './proceed.js';
import { refuse } from './refuse.js';
import { CHECKS, RESPONSE_MODE_NAMES } from './requestChecks.js';
import { RESUME_PATH } from './resumeEndpoint.js';

/**
 * A form that another site sent brings no SameSite cookie, so nobody would be signed in: the request is kept, and the
 * redirect that follows brings them.
 */
const keepPosted: Step<AuthorizeExchange> = async (exchange) => {
  if (exchange.request.method !== 'POST') return;
  redirectWithin(exchange, RESUME_PATH, await keep(exchange, exchange.authorization));
};

const answer: Step<AuthorizeExchange> = async (exchange) => {
  const { authorization: request, client, reply } = exchange;
  if (reply.sent) return;
  await proceed(exchange, { request, client, progress: {}, pendingId: null });
};

const STEPS = [forbidCaching, ...CHECKS, keepPosted, answer] as const;

/** RFC 6749 §3.1, OpenID Connect Core §3.1.2. Only the code flow, only with PKCE. */
export const authorizeEndpoint: Endpoint = {
  path: '/oauth/authorize',
  methods: ['GET', 'POST'],
  schema: authorizeSchema,
  metadata: (url, { config }) => ({
    authorization_endpoint: url,
    response_types_supported: ['code'],
    response_modes_supported: RESPONSE_MODE_NAMES,
    code_challenge_methods_supported: ['S256'],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    authorization_response_iss_parameter_supported: true,
    authorization_signing_alg_values_supported: signingAlgorithms(config),
    claims_parameter_supported: true,
    claims_supported: ['sub', 'acr', 'amr', 'auth_time', 'sid', ...PERSONAL_CLAIMS],
    acr_values_supported: ATTAINABLE_ACRS,
    request_parameter_supported: true,
    // OpenID Connect Discovery §3: absent would mean true.
    request_uri_parameter_supported: config.authorization.fetchRequestObjects,
    require_request_uri_registration: true,
    request_object_signing_alg_values_supported: CLIENT_SIGNATURE_ALGORITHMS,
    ...authorizationDetailsMetadata(config),
    ui_locales_supported: ['en'],
  }),
  async handle(exchange: Exchange) {
    try {
      await runSteps<AuthorizeExchange>(exchange, STEPS);
    } catch (error) {
      await refuse(exchange, error, (exchange as Partial<AuthorizeExchange>).receiver);
    }
  },
};

/** RFC 9396 §10; left out where there are none. */
function authorizationDetailsMetadata({ authorizationDetailsTypes }: Config): object {
  if (authorizationDetailsTypes.length === 0) return {};
  return { authorization_details_types_supported: authorizationDetailsTypes.map(({ type }) => type) };
}
