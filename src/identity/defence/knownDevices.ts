import { hash, randomBytes } from 'node:crypto';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { describeDevice } from '../sessions/device.js';

const TOKEN_BYTES = 32;
const COOKIE = /^[A-Za-z0-9_-]{43}(?:\.[A-Za-z0-9_-]{43}){0,4}$/;
/** Accounts that one device is known to at a time. */
const MOST_ACCOUNTS = 5;
const DAY_MILLISECONDS = 86_400_000;

type DeviceDeps = Pick<Deps, 'clock' | 'config' | 'models'>;

/**
 * The name under which a device is known to an account, or null. `account` may be the name of nobody: what it takes
 * does not tell whether there is one. `cookie`: a value for each account, since whoever used the device before could
 * have copied what it held then.
 */
export async function recogniseDevice(
  deps: Pick<Deps, 'clock' | 'models'>,
  account: string,
  cookie: string | undefined,
): Promise<string | null> {
  const names = tokensIn(cookie).map((token) => nameOf(account, token));
  if (names.length === 0) return null;
  const known = await deps.models.knownDevices
    .findOne({ _id: { $in: names }, expiresAt: { $gt: deps.clock() } })
    .select('_id')
    .lean<{ _id: string }>();
  return known?._id ?? null;
}

/**
 * Notes that an account was entered from this device. Returns the value for its cookie, and whether the account has
 * been entered before, but never from here.
 */
export async function rememberDevice(
  deps: DeviceDeps,
  userId: string,
  origin: RequestOrigin,
): Promise<{ token: string; isNew: boolean }> {
  const { knownDevices } = deps.models;
  const now = deps.clock();
  const held = tokensIn(origin.deviceToken);
  const seen = {
    address: origin.address,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + deps.config.risk.knownDeviceDays * DAY_MILLISECONDS),
  };
  const names = held.map((token) => nameOf(userId, token));
  const { matchedCount } = await knownDevices.updateOne({ _id: { $in: names } }, { $set: seen });
  if (matchedCount === 1) return { token: held.join('.'), isNew: false };
  const own = randomBytes(TOKEN_BYTES).toString('base64url');
  const token = [...held, own].slice(-MOST_ACCOUNTS).join('.');
  const isNew = (await knownDevices.exists({ userId })) !== null;
  await knownDevices.create({
    _id: nameOf(userId, own),
    userId,
    device: describeDevice(origin.userAgent),
    ...seen,
  });
  return { token, isNew };
}

/** After a reset of the password every device is new again: one of them may be a thief's. */
export async function forgetKnownDevices(deps: Pick<Deps, 'models'>, userId: string): Promise<void> {
  await deps.models.knownDevices.deleteMany({ userId });
}

/** The values of a cookie of ours; of any other none. */
function tokensIn(cookie: string | undefined): string[] {
  return cookie !== undefined && COOKIE.test(cookie) ? cookie.split('.') : [];
}

function nameOf(account: string, token: string): string {
  return hash('sha256', `${account}:${token}`, 'base64url');
}
