import { authorizeSchema } from '../documentation.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from '../endpoint.js';
import { keep, proceed, redirectWithin } from './proceed.js';
import { refuse } from './refuse.js';
import { type AuthorizeExchange, CHECKS, RESPONSE_MODES } from './requestChecks.js';
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
  metadata: (url) => ({
    authorization_endpoint: url,
    response_types_supported: ['code'],
    response_modes_supported: RESPONSE_MODES,
    code_challenge_methods_supported: ['S256'],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    // OpenID Connect Discovery §3: absent would mean true.
    request_uri_parameter_supported: false,
    ui_locales_supported: ['en'],
  }),
  async handle(exchange: Exchange) {
    try {
      await runSteps<AuthorizeExchange>(exchange, STEPS);
    } catch (error) {
      refuse(exchange, error, (exchange as Partial<AuthorizeExchange>).receiver);
    }
  },
};
