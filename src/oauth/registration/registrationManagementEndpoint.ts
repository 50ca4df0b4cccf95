import { matchesClientSecret } from '../../identity/clients/clientSecret.js';
import {
  findRegistration,
  replaceRegistration,
  unregisterClient,
} from '../../identity/clients/registration/registration.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from '../endpoint.js';
import { clientInformation, REGISTRATION_PATH } from './clientInformation.js';
import { registrationManagementSchema } from './documentation.js';
import { readMetadata } from './metadata.js';
import { bearerOf, documentOf, RegistrationRefusal, refusingAsRegistration } from './refusal.js';

/** RFC 7592 §2.2: "The client MUST NOT include" them: they are the server's to say. */
const SERVERS_OWN = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

const clientIdOf = ({ request }: Exchange): string => (request.params as { clientId: string }).clientId;

/** RFC 7592 §2.1. The token stays, so that a read that got lost on the way locks nobody out. */
const read: Step<Exchange> = async (exchange) => {
  const { deps, request, reply } = exchange;
  const token = bearerOf(exchange);
  const client = await findRegistration(deps, clientIdOf(exchange), token, request.origin);
  const registration = { client, secret: null, registrationToken: token ?? '' };
  void reply.send(clientInformation(deps.config.issuer, registration));
};

/** RFC 7592 §2.2 */
const replace: Step<Exchange> = async (exchange) => {
  const { deps, request, reply } = exchange;
  const clientId = clientIdOf(exchange);
  const token = bearerOf(exchange);
  // Before the body is judged: whoever has no token learns nothing.
  await findRegistration(deps, clientId, token, request.origin);
  const document = documentOf(exchange);
  if (SERVERS_OWN.some((name) => name in document)) {
    throw new RegistrationRefusal(
      'invalid_request',
      `${SERVERS_OWN.join(', ')} are not for the client to say`,
    );
  }
  if (document['client_id'] !== clientId) {
    throw new RegistrationRefusal('invalid_request', 'client_id must be that of the client');
  }
  const secret = document['client_secret'];
  const isText = typeof secret === 'string';
  if (secret !== undefined && !(isText && (await matchesClientSecret(deps, clientId, secret)))) {
    throw new RegistrationRefusal('invalid_request', 'client_secret must be that of the client');
  }
  const replaced = await replaceRegistration(deps, clientId, token, readMetadata(document), request.origin);
  void reply.send(clientInformation(deps.config.issuer, replaced));
};

/** RFC 7592 §2.3 */
const remove: Step<Exchange> = async (exchange) => {
  await unregisterClient(exchange.deps, clientIdOf(exchange), bearerOf(exchange), exchange.request.origin);
  void exchange.reply.code(204).send();
};

const BY_METHOD: Readonly<Record<string, Step<Exchange>>> = {
  GET: read,
  HEAD: read,
  PUT: replace,
  DELETE: remove,
};

/** RFC 7592 §2 */
export const registrationManagementEndpoint: Endpoint = {
  path: `${REGISTRATION_PATH}/:clientId`,
  methods: ['GET', 'PUT', 'DELETE'],
  schema: registrationManagementSchema,
  isOn: (config) => config.registration.mode !== 'off',
  metadata: () => ({}),
  handle: (exchange) =>
    refusingAsRegistration(exchange, () =>
      runSteps(exchange, [forbidCaching, BY_METHOD[exchange.request.method] ?? read]),
    ),
};
