import { AppError } from '../../errors.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { SigningKey } from '../../models/signingKey.js';
import type { Deps } from '../deps.js';
import { CLOCK_MARGIN_SECONDS, longestAccessTokenTtlSeconds } from '../tokens/lifetimes.js';
import { signingAlgorithms } from './algorithms.js';
import { makeSigningKey } from './signingKeyMaterial.js';

export type KeyStoreDeps = Pick<Deps, 'clock' | 'config' | 'models' | 'secrets'>;

const MAX_ATTEMPTS = 5;

/** Every key that is published: next, current, and retired ones that a living token may still need. */
export async function readSigningKeys(deps: KeyStoreDeps): Promise<SigningKey[]> {
  return deps.models.signingKeys
    .find({ $or: [{ status: { $ne: 'retired' } }, { expiresAt: { $gt: deps.clock() } }] })
    .sort({ createdAt: 1 })
    .lean();
}

/**
 * Leaves the algorithm with one current and one next key, whoever else tries the same at the same time:
 * the unique index over (algorithm, status) lets one writer win, the others take what it made.
 * Also finishes a rotation that died half-way.
 */
export async function ensureSigningKeys(deps: KeyStoreDeps, algorithm: string): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const keys = await deps.models.signingKeys
      .find({ algorithm, status: { $in: ['next', 'current'] } })
      .lean();
    const current = keys.find((key) => key.status === 'current');
    const next = keys.find((key) => key.status === 'next');
    if (current && next) return;
    await unlessSomebodyWasFirst(async () => {
      if (!current && next) await promote(deps, next._id);
      else await insertKey(deps, algorithm, current ? 'next' : 'current');
    });
  }
  throw new AppError('UNAVAILABLE', `could not settle on signing keys for ${algorithm}`);
}

/**
 * Retires the current key and promotes the next one. True for exactly one of those who retire the same key at once.
 * With `discard` the retired keys leave the JWKS at once instead of when their last token has expired.
 */
export async function replaceCurrentKey(
  deps: KeyStoreDeps,
  { _id: currentKid, algorithm }: Pick<SigningKey, '_id' | 'algorithm'>,
  discard: boolean,
): Promise<boolean> {
  const now = deps.clock();
  const keepSeconds = longestAccessTokenTtlSeconds(deps.config) + CLOCK_MARGIN_SECONDS;
  const expiresAt = discard ? now : new Date(now.getTime() + keepSeconds * 1000);
  const retired = await deps.models.signingKeys.findOneAndUpdate(
    { _id: currentKid, status: 'current' },
    { $set: { status: 'retired', retiredAt: now, expiresAt } },
  );
  if (discard) {
    await deps.models.signingKeys.updateMany(
      { status: 'retired', expiresAt: { $gt: now } },
      { $set: { expiresAt: now } },
    );
  }
  await ensureSigningKeys(deps, algorithm);
  return retired !== null;
}

/** After a change of the configured algorithms: keys of the others sign no more and go when their tokens have expired. */
export async function retireOtherAlgorithms(deps: KeyStoreDeps): Promise<void> {
  const now = deps.clock();
  const keepSeconds = longestAccessTokenTtlSeconds(deps.config) + CLOCK_MARGIN_SECONDS;
  await deps.models.signingKeys.updateMany(
    { algorithm: { $nin: [...signingAlgorithms(deps.config)] }, status: { $in: ['next', 'current'] } },
    {
      $set: {
        status: 'retired',
        retiredAt: now,
        expiresAt: new Date(now.getTime() + keepSeconds * 1000),
      },
    },
  );
}

async function promote(deps: KeyStoreDeps, kid: string): Promise<void> {
  await deps.models.signingKeys.updateOne(
    { _id: kid, status: 'next' },
    { $set: { status: 'current', activatedAt: deps.clock() } },
  );
}

async function insertKey(deps: KeyStoreDeps, algorithm: string, status: 'next' | 'current'): Promise<void> {
  const key = await makeSigningKey(deps.secrets, algorithm);
  const activatedAt = status === 'current' ? { activatedAt: deps.clock() } : {};
  await deps.models.signingKeys.create({ ...key, status, ...activatedAt });
}

async function unlessSomebodyWasFirst(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
