import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { TrustedDevice } from '../../models/trustedDevice.js';
import { tokenHashOf } from '../accounts/oneTimeProof.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { describeDevice } from '../sessions/device.js';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

type TrustDeps = Pick<Deps, 'clock' | 'config' | 'models'>;

/** Remembers this browser, so that it need not show a second factor again for a while. Returns the cookie's value. */
export async function trustDevice(deps: TrustDeps, userId: string, origin: RequestOrigin): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const now = deps.clock();
  await deps.models.trustedDevices.create({
    _id: uuidv7(),
    userId,
    tokenHash: tokenHashOf(token),
    device: describeDevice(origin.userAgent),
    address: origin.address,
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + deps.config.factors.trustedDeviceDays * 86_400_000),
  });
  return token;
}

/** Whether the browser that shows this value is one that the person trusts. */
export async function isTrustedDevice(
  deps: TrustDeps,
  userId: string,
  token: string | undefined,
): Promise<boolean> {
  if (token === undefined || !TOKEN.test(token)) return false;
  const now = deps.clock();
  const { matchedCount } = await deps.models.trustedDevices.updateOne(
    { tokenHash: tokenHashOf(token), userId, expiresAt: { $gt: now } },
    { $set: { lastUsedAt: now } },
  );
  return matchedCount === 1;
}

/** The browsers that a person trusts, the newest first. */
export function trustedDevices(deps: TrustDeps, userId: string): Promise<TrustedDevice[]> {
  return deps.models.trustedDevices
    .find({ userId, expiresAt: { $gt: deps.clock() } })
    .sort({ createdAt: -1 })
    .lean<TrustedDevice[]>();
}

/** Trusts one browser, or every browser, no more; returns how many that were. */
export async function forgetTrustedDevices(
  deps: Pick<Deps, 'models'>,
  userId: string,
  id: string | null = null,
): Promise<number> {
  const filter = { userId, ...(id === null ? {} : { _id: id }) };
  return (await deps.models.trustedDevices.deleteMany(filter)).deletedCount;
}
