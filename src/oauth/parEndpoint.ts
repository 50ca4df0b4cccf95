import { AppError } from '../errors.js';
import { pushRequest } from '../identity/authorization/pushed.js';
import { AUTHORIZATION_PARAMETERS } from './authorize/authorizationParameters.js';
import type { AuthorizeExchange } from './authorize/exchange.js';
import { invalid } from './authorize/invalid.js';
import { PARAMETER_CHECKS } from './authorize/requestChecks.js';
import { openByValue } from './authorize/requestSource.js';
import { identifyClient } from './clientAuthentication.js';
import { pushedRequestSchema } from './documentation/grants.js';
import { type Endpoint, forbidCaching, runSteps, type Step } from './endpoint.js';
import { LONGEST_REQUEST_CHARACTERS, Parameters, readParameters } from './parameters.js';
import { senderOf } from './sender.js';

const takeParameters: Step<AuthorizeExchange> = (exchange) => {
  exchange.parameters = readParameters(exchange.request);
  exchange.repeated = new Set();
  exchange.isPushed = true;
  const size = exchange.parameters
    .pairs([...AUTHORIZATION_PARAMETERS, 'request'])
    .flat()
    .join('').length;
  if (size > LONGEST_REQUEST_CHARACTERS) throw new AppError('LIMIT_EXCEEDED', 'the request is too long');
};

/** RFC 9126 §2: as at the token endpoint; a public client names itself. */
const authenticateClient: Step<AuthorizeExchange> = async (exchange) => {
  exchange.client = await identifyClient(exchange.deps, exchange.request, exchange.parameters);
};

/** RFC 9126 §2.1: "the request_uri authorization request parameter MUST NOT be provided". */
const refuseRequestUri: Step<AuthorizeExchange> = ({ parameters }) => {
  if (parameters.get('request_uri') !== undefined) throw invalid('request_uri must not be pushed');
};

/** RFC 9449 §10.1: the key of a proof that comes along is the key of the code, and `dpop_jkt` must name no other. */
const bindToProof: Step<AuthorizeExchange> = async (exchange) => {
  const { client, parameters } = exchange;
  if (exchange.request.headers['dpop'] === undefined) return;
  const sender = await senderOf(exchange, client);
  const jkt = sender && 'jkt' in sender ? sender.jkt : undefined;
  if (jkt === undefined) return;
  const named = parameters.get('dpop_jkt');
  if (named !== undefined && named !== jkt) throw invalid('dpop_jkt names another key than the DPoP proof');
  const others = parameters.pairs(AUTHORIZATION_PARAMETERS.filter((name) => name !== 'dpop_jkt'));
  exchange.parameters = Parameters.of([...others, ['dpop_jkt', jkt]]);
};

/** RFC 9126 §2.2 */
const answer: Step<AuthorizeExchange> = async ({ deps, client, parameters, isSigned, reply }) => {
  const { requestUri, expiresInSeconds } = await pushRequest(deps, {
    clientId: client._id,
    // Nothing but what the request consists of: no secret of the client is kept.
    parameters: parameters.pairs(AUTHORIZATION_PARAMETERS),
    isSigned: isSigned === true,
  });
  void reply.code(201).send({ request_uri: requestUri, expires_in: expiresInSeconds });
};

const STEPS = [
  forbidCaching,
  takeParameters,
  authenticateClient,
  refuseRequestUri,
  openByValue,
  bindToProof,
  ...PARAMETER_CHECKS,
  answer,
] as const;

/** RFC 9126: the client hands its authorization request over itself, and the browser carries nothing but a reference. */
export const parEndpoint: Endpoint = {
  path: '/oauth/par',
  methods: ['POST'],
  schema: pushedRequestSchema,
  metadata: (url, { config }) => ({
    pushed_authorization_request_endpoint: url,
    require_pushed_authorization_requests: config.authorization.requirePushedRequests,
  }),
  handle: (exchange) => runSteps<AuthorizeExchange>(exchange, STEPS),
};
