import { isAppError } from '../../errors.js';
import type { LogoutDelivery } from '../../models/logoutDelivery.js';
import type { Deps } from '../deps.js';
import { fetchOutside } from '../outbound/fetchOutside.js';
import { makeLogoutToken } from './logoutToken.js';

type DeliveryDeps = Pick<Deps, 'audit' | 'clock' | 'config' | 'keys' | 'logger' | 'models' | 'secrets'>;

const POLL_MILLISECONDS = 2000;
const AT_ONCE = 8;
const MAX_ANSWER_BYTES = 16_384;
const LONGEST_WAIT_SECONDS = 3600;
/** Beside the time that an attempt may take: until it is somebody else's turn after a crash. */
const LEASE_SECONDS = 30;
const SYSTEM = { kind: 'system' } as const;

/**
 * Delivers what is due, a few at a time, until nothing is; returns how many attempts were made. Replicas may run it at
 * once: each attempt is claimed by one conditional update. At least once: who dies in an attempt leaves it to others.
 */
export async function deliverDueLogouts(deps: DeliveryDeps): Promise<number> {
  // Most often nothing is due: one looks, and the others come where there is something.
  const first = await claim(deps);
  if (!first) return 0;
  let attempts = 0;
  const work = async (claimed: LogoutDelivery | null): Promise<void> => {
    for (let next = claimed; next; next = await claim(deps)) {
      attempts += 1;
      await attempt(deps, next);
    }
  };
  const others = Array.from({ length: AT_ONCE - 1 }, async () => work(await claim(deps)));
  await Promise.all([work(first), ...others]);
  return attempts;
}

/** Delivers in the background as long as the process lives. */
export function startLogoutDelivery(deps: DeliveryDeps): { close(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  const run = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      await deliverDueLogouts(deps);
    } catch (error) {
      deps.logger.error({ err: error }, 'logout tokens wait: they are delivered when the store answers');
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => {
    if (!busy) running = run();
  }, POLL_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/** The next attempt, for exactly one caller: its claim lasts longer than the attempt can. */
async function claim({ models, clock, config }: DeliveryDeps): Promise<LogoutDelivery | null> {
  const now = clock();
  const lease = (config.backchannelLogout.timeoutSeconds + LEASE_SECONDS) * 1000;
  return models.logoutDeliveries
    .findOneAndUpdate(
      { dueAt: { $lte: now } },
      { $set: { dueAt: new Date(now.getTime() + lease) }, $inc: { attempts: 1 } },
      { sort: { dueAt: 1 }, returnDocument: 'after' },
    )
    .lean<LogoutDelivery>();
}

async function attempt(deps: DeliveryDeps, delivery: LogoutDelivery): Promise<void> {
  const { _id, clientId, attempts } = delivery;
  const client = await deps.models.clients.findOne({ _id: clientId }).lean();
  const uri = client?.backchannelLogoutUri;
  if (!client || !uri) {
    // Nobody is there to be told any more.
    await deps.models.logoutDeliveries.deleteOne({ _id });
    return;
  }
  const fault = await send(deps, uri, await makeLogoutToken(deps, client, delivery));
  const over = fault === null || attempts >= deps.config.backchannelLogout.maxAttempts;
  if (fault !== null && !over) return postpone(deps, delivery, fault);
  await deps.audit.record({
    action: fault === null ? 'logout.deliver' : 'logout.giveUp',
    outcome: fault === null ? 'success' : 'failure',
    actor: SYSTEM,
    objectType: 'Client',
    objectId: clientId,
    after: { sessionId: delivery.sessionId, attempts },
    ...(fault !== null && { reason: fault }),
  });
  await deps.models.logoutDeliveries.deleteOne({ _id });
}

/** Null when the client has taken it (§2.8: 200; 204 is taken for the same), else why not. */
async function send(deps: DeliveryDeps, uri: string, token: string): Promise<string | null> {
  try {
    const { status } = await fetchOutside(deps, uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }).toString(),
      maxBytes: MAX_ANSWER_BYTES,
      timeoutSeconds: deps.config.backchannelLogout.timeoutSeconds,
    });
    return status === 200 || status === 204 ? null : `the client answered ${status}`;
  } catch (error) {
    if (isAppError(error)) return error.message;
    throw error;
  }
}

async function postpone(
  { models, clock, config, logger }: DeliveryDeps,
  { _id, clientId, attempts }: LogoutDelivery,
  fault: string,
): Promise<void> {
  const doubled = config.backchannelLogout.firstRetrySeconds * 2 ** (attempts - 1);
  const wait = Math.min(doubled, LONGEST_WAIT_SECONDS) * 1000;
  // Only this attempt's: after a lease that ran out, somebody else's counts.
  await models.logoutDeliveries.updateOne(
    { _id, attempts },
    { $set: { dueAt: new Date(clock().getTime() + wait) } },
  );
  logger.warn({ clientId, attempts, reason: fault }, 'a logout token was not taken; it is tried again');
}
