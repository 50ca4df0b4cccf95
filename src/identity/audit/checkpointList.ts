import type { AuditCheckpoint } from '../../models/auditCheckpoint.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Deps } from '../deps.js';
import { type CheckpointContent, checkpointHash, signCheckpoint, signerOf } from './checkpointContent.js';
import { GENESIS_HASH } from './entryHash.js';

export type CheckpointDeps = Pick<Deps, 'models' | 'clock' | 'config' | 'keys' | 'logger'>;

/** A place in the list of checkpoints. */
export interface CheckpointPlace {
  readonly n: number;
  readonly hash: string;
}

const NOWHERE: CheckpointPlace = { n: 0, hash: GENESIS_HASH };
/** Many replicas may write at once, each of them rarely. */
const ATTEMPTS = 50;

type Said = Omit<CheckpointContent, 'n' | 'previous'>;

/** The newest checkpoint, null where there is none. */
export function newestCheckpoint({ models }: Pick<Deps, 'models'>): Promise<AuditCheckpoint | null> {
  return models.auditCheckpoints.findOne().sort({ _id: -1 }).lean();
}

/**
 * Signs `said` and puts it at the end of the list. `seen`: how far the caller knows the list to have come; where the
 * database has less, the new one leaves the gap open for the verification to find.
 * `said` is asked anew for every attempt, with the checkpoint before; null: it is not to be written after this one.
 */
export async function appendCheckpoint(
  deps: CheckpointDeps,
  said: (before: AuditCheckpoint | null) => Promise<Said | null> | Said | null,
  seen: CheckpointPlace = NOWHERE,
): Promise<CheckpointPlace | null> {
  for (let attempt = 1; ; attempt += 1) {
    const newest = await newestCheckpoint(deps);
    const before = placeAfter(deps, newest, seen);
    const at = deps.clock();
    const asked = await said(newest);
    if (!asked) return null;
    const content = { n: before.n + 1, previous: before.hash, ...asked };
    const jws = await signCheckpoint(deps.keys, deps.config.issuer, at, content);
    try {
      await deps.models.auditCheckpoints.create({ _id: content.n, at, jws });
    } catch (error) {
      if (isDuplicateKey(error) && attempt < ATTEMPTS) continue;
      throw error;
    }
    const hash = checkpointHash(jws);
    // The log is kept elsewhere: whoever rewrites the database does not rewrite what this line says.
    deps.logger.info({ checkpoint: content.n, hash, kid: signerOf(jws) }, 'audit checkpoint signed');
    return { n: content.n, hash };
  }
}

function placeAfter(
  deps: Pick<Deps, 'logger'>,
  newest: AuditCheckpoint | null,
  seen: CheckpointPlace,
): CheckpointPlace {
  const found = newest ? { n: newest._id, hash: checkpointHash(newest.jws) } : NOWHERE;
  if (found.n > seen.n || (found.n === seen.n && found.hash === seen.hash)) return found;
  deps.logger.error({ expected: seen.n, found: found.n }, 'audit checkpoints were removed or changed');
  return seen;
}
