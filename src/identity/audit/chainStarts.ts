import type { Deps } from '../deps.js';
import type { RetentionCut } from './checkpointContent.js';
import { GENESIS_HASH } from './entryHash.js';
import { writerOf } from './verifyChain.js';

/** What the first chain of each writer from this day on points at, where that is not the beginning of everything. */
export async function startsAfter(
  { models }: Pick<Deps, 'models'>,
  day: string,
): Promise<RetentionCut['starts']> {
  const starts: RetentionCut['starts'] = [];
  const writers = new Set<string>();
  const chains = (await models.auditEvents.distinct('chain')).sort();
  for (const chain of chains.filter((name) => name >= day)) {
    if (writers.has(writerOf(chain))) continue;
    writers.add(writerOf(chain));
    const first = await models.auditEvents.findOne({ chain, sequence: 0 }).lean();
    if (first && first.previousHash !== GENESIS_HASH)
      starts.push({ chain, previousHash: first.previousHash });
  }
  return starts;
}
