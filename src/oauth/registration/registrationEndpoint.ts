import { enforceAddressLimit } from '../../http/rateLimit.js';
import { type Registration, registerClient } from '../../identity/clients/registration/registration.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from '../endpoint.js';
import { clientInformation, REGISTRATION_PATH } from './clientInformation.js';
import { registrationSchema } from './documentation.js';
import { readMetadata } from './metadata.js';
import { bearerOf, documentOf, refusingAsRegistration } from './refusal.js';

interface RegistrationExchange extends Exchange {
  registration: Registration;
}

const countRequest: Step<RegistrationExchange> = async ({ deps, request, reply }) => {
  await enforceAddressLimit(deps, request, reply, 'registration');
};

const register: Step<RegistrationExchange> = async (exchange) => {
  const { deps, request } = exchange;
  const metadata = readMetadata(documentOf(exchange));
  exchange.registration = await registerClient(deps, metadata, bearerOf(exchange), request.origin);
};

/** RFC 7591 §3.2.1: 201 with everything that is registered. */
const answer: Step<RegistrationExchange> = ({ deps, reply, registration }) => {
  void reply.code(201).send(clientInformation(deps.config.issuer, registration));
};

const STEPS = [forbidCaching, countRequest, register, answer] as const;

/** RFC 7591 §3 */
export const registrationEndpoint: Endpoint = {
  path: REGISTRATION_PATH,
  methods: ['POST'],
  schema: registrationSchema,
  isOn: (config) => config.registration.mode !== 'off',
  metadata: (url) => ({ registration_endpoint: url }),
  handle: (exchange) =>
    refusingAsRegistration(exchange, () => runSteps<RegistrationExchange>(exchange, STEPS)),
};
