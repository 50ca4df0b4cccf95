import { AppError, isAppError } from '../../errors.js';
import { readBrowserKey } from '../../http/cookies.js';
import { endPending, findPending } from '../../identity/authorization/pending.js';
import type { Client } from '../../models/client.js';
import { resumeSchema } from '../documentation/browser.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from '../endpoint.js';
import { readFrontChannel } from '../parameters.js';
import { type Authorization, proceed } from './proceed.js';
import { isRegisteredRedirectUri } from './redirectUri.js';
import { refuse } from './refuse.js';
import type { Receiver } from './respond.js';

/** Where the hosted pages lead back to when a person has done their part. */
export const RESUME_PATH = '/oauth/authorize/resume';

interface ResumeExchange extends Exchange {
  receiver?: Receiver;
  authorization: Authorization;
}

/** Only in the browser in which the request began. */
const findRequest: Step<ResumeExchange> = async (exchange) => {
  const { deps, request } = exchange;
  const pendingId = readFrontChannel(request).parameters.require('request');
  const browserKey = readBrowserKey(request, deps.config);
  const pending = await findPending(deps, 'authorization', pendingId, browserKey);
  const client = await deps.models.clients
    .findOne({ _id: pending.request.clientId, status: 'active' })
    .lean<Client>();
  // It may have changed while somebody looked for a password.
  if (!client || !isRegisteredRedirectUri(client.redirectUris, pending.request.redirectUri)) {
    throw new AppError('INVALID_CLIENT', 'the client is gone, disabled or has moved');
  }
  exchange.authorization = { ...pending, client, pendingId };
  exchange.receiver = { ...pending.request, client };
};

const answer: Step<ResumeExchange> = (exchange) => proceed(exchange, exchange.authorization);

const STEPS = [forbidCaching, findRequest, answer] as const;

/** Goes on with an authorization request that waited for its person. */
export const resumeEndpoint: Endpoint = {
  path: RESUME_PATH,
  methods: ['GET'],
  schema: resumeSchema,
  metadata: () => ({}),
  async handle(exchange) {
    try {
      await runSteps<ResumeExchange>(exchange, STEPS);
    } catch (error) {
      const { receiver, authorization } = exchange as Partial<ResumeExchange>;
      if (authorization?.pendingId) await endPending(exchange.deps, 'authorization', authorization.pendingId);
      // The client has its answer already: whoever comes late, by the back button, gets a page.
      await refuse(exchange, error, isAppError(error, 'INVALID_GRANT') ? undefined : receiver);
    }
  },
};
