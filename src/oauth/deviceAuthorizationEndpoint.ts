import { AppError } from '../errors.js';
import { enforceAddressLimit } from '../http/rateLimit.js';
import {
  type StartedDeviceAuthorization,
  startDeviceAuthorization,
} from '../identity/device/startDeviceAuthorization.js';
import { assertMayUse } from '../identity/tokens/tokenGrant.js';
import type { Client } from '../models/client.js';
import { readAuthorizationDetails } from './authorizationDetails.js';
import { identifyClient } from './clientAuthentication.js';
import { deviceAuthorizationSchema } from './documentation/grants.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';
import { deviceCodeGrant } from './grants/deviceCode.js';
import { type Parameters, readParameters } from './parameters.js';
import { resourcesFor } from './resources.js';
import { scopesFor } from './scopes.js';

interface DeviceExchange extends Exchange {
  parameters: Parameters;
  client: Client;
  started: StartedDeviceAuthorization;
}

const countRequest: Step<DeviceExchange> = async ({ deps, request, reply }) => {
  await enforceAddressLimit(deps, request, reply, 'token');
};

const takeParameters: Step<DeviceExchange> = (exchange) => {
  exchange.parameters = readParameters(exchange.request);
};

/** RFC 8628 §3.1: as at the token endpoint. */
const authenticateClient: Step<DeviceExchange> = async (exchange) => {
  exchange.client = await identifyClient(exchange.deps, exchange.request, exchange.parameters);
};

const checkClientMayUseGrant: Step<DeviceExchange> = ({ client }) =>
  assertMayUse(client, deviceCodeGrant.type);

const start: Step<DeviceExchange> = async (exchange) => {
  const { deps, client, parameters, request } = exchange;
  const scopes = scopesFor(client, parameters.get('scope'));
  if (scopes.length === 0)
    throw new AppError('INVALID_SCOPE', `client ${client._id} has no scope to ask for`);
  const resources = resourcesFor(deps, client, parameters.all('resource'));
  const details = parameters.get('authorization_details');
  const authorizationDetails = details === undefined ? [] : readAuthorizationDetails(deps, client, details);
  const asked = { client, scopes, resources, authorizationDetails };
  exchange.started = await startDeviceAuthorization(deps, asked, request.origin);
};

/** RFC 8628 §3.2 */
const answer: Step<DeviceExchange> = ({ deps, reply, started }) => {
  const { deviceCode, userCode, expiresInSeconds, intervalSeconds } = started;
  const verificationUri = `${deps.config.issuer}/device`;
  void reply.send({
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: verificationUri,
    verification_uri_complete: `${verificationUri}?user_code=${userCode}`,
    expires_in: expiresInSeconds,
    interval: intervalSeconds,
  });
};

const STEPS = [
  forbidCaching,
  countRequest,
  takeParameters,
  authenticateClient,
  checkClientMayUseGrant,
  start,
  answer,
] as const;

/** RFC 8628 §3.1. The page that it leads to is `pages/device.ts`. */
export const deviceAuthorizationEndpoint: Endpoint = {
  path: '/oauth/device_authorization',
  methods: ['POST'],
  schema: deviceAuthorizationSchema,
  metadata: (url) => ({ device_authorization_endpoint: url }),
  handle: (exchange) => runSteps<DeviceExchange>(exchange, STEPS),
};
