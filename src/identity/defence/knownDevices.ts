import { hash, randomBytes } from 'node:crypto';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { describeDevice } from '../sessions/device.js';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const DAY_MILLISECONDS = 86_400_000;

type DeviceDeps = Pick<Deps, 'clock' | 'config' | 'models'>;

/**
 * The name under which a device is known to an account, or null. `account` may be the name of nobody: what it takes
 * does not tell whether there is one.
 */
export async function recogniseDevice(
  deps: Pick<Deps, 'clock' | 'models'>,
  account: string,
  token: string | undefined,
): Promise<string | null> {
  if (token === undefined || !TOKEN.test(token)) return null;
  const id = nameOf(account, token);
  const known = await deps.models.knownDevices.exists({ _id: id, expiresAt: { $gt: deps.clock() } });
  return known ? id : null;
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
  const { deviceToken } = origin;
  const token =
    deviceToken !== undefined && TOKEN.test(deviceToken)
      ? deviceToken
      : randomBytes(TOKEN_BYTES).toString('base64url');
  const seen = {
    address: origin.address,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + deps.config.risk.knownDeviceDays * DAY_MILLISECONDS),
  };
  const _id = nameOf(userId, token);
  const { matchedCount } = await knownDevices.updateOne({ _id }, { $set: seen });
  if (matchedCount === 1) return { token, isNew: false };
  const isNew = (await knownDevices.exists({ userId })) !== null;
  try {
    await knownDevices.create({ _id, userId, device: describeDevice(origin.userAgent), ...seen });
  } catch (error) {
    // Two sign-ins of one browser at once.
    if (!isDuplicateKey(error)) throw error;
    return { token, isNew: false };
  }
  return { token, isNew };
}

/** After a reset of the password every device is new again: one of them may be a thief's. */
export async function forgetKnownDevices(deps: Pick<Deps, 'models'>, userId: string): Promise<void> {
  await deps.models.knownDevices.deleteMany({ userId });
}

function nameOf(account: string, token: string): string {
  return hash('sha256', `${account}:${token}`, 'base64url');
}
