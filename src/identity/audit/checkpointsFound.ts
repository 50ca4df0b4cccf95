import type { Deps } from '../deps.js';
import {
  type ChainHead,
  CheckpointJudge,
  checkpointHash,
  type RetentionCut,
  readCheckpoint,
} from './checkpointContent.js';
import { GENESIS_HASH } from './entryHash.js';

/** What is wrong with the list of checkpoints itself. */
export interface CheckpointFault {
  readonly kind: 'checkpointForged' | 'checkpointMissing';
  /** Its place in the list. */
  readonly n: number;
  /** UTC, where it is known. */
  readonly day: string | null;
}

/** What the checkpoints of an installation say, as far as they hold. */
export interface FoundCheckpoints {
  readonly count: number;
  readonly newest: {
    readonly n: number;
    readonly at: Date;
    readonly hash: string;
    readonly jws: string;
  } | null;
  readonly heads: ReadonlyMap<string, readonly ChainHead[]>;
  /** Of the newest cut by retention. */
  readonly cut: RetentionCut | null;
  /** When entries of before there were checkpoints were taken over, unproven. */
  readonly adoptedAt: Date | null;
  readonly faults: readonly CheckpointFault[];
  /** Of the ones that are there, by place. */
  readonly hashes: ReadonlyMap<number, string>;
}

/**
 * Reads the list from its start. The newest checkpoint must bear a signature that a published key verifies; each one
 * before it is vouched for by its own signature, or, when its key is retired and gone, by the hash in the one after it.
 * What a forged one says is not believed.
 */
export async function readCheckpoints(deps: Pick<Deps, 'models' | 'keys'>): Promise<FoundCheckpoints> {
  const judge = new CheckpointJudge(deps.keys);
  const cut = await newestCut(deps, judge);
  const heads = new Map<string, ChainHead[]>();
  const hashes = new Map<number, string>();
  const faults: CheckpointFault[] = [];
  let adoptedAt: Date | null = null;
  let before = cut?.resumes ?? { n: 0, hash: GENESIS_HASH };
  let newest: FoundCheckpoints['newest'] = null;
  let newestIsProven = true;

  for await (const { _id: n, at, jws } of deps.models.auditCheckpoints
    .find({ _id: { $gt: before.n } })
    .sort({ _id: 1 })
    .lean()
    .cursor()) {
    const day = at.toISOString().slice(0, 10);
    if (n !== before.n + 1) faults.push({ kind: 'checkpointMissing', n: before.n + 1, day });
    const said = readCheckpoint(jws);
    const signature = await judge.judge(jws);
    const hash = checkpointHash(jws);
    const follows = n !== before.n + 1 || said?.previous === before.hash;
    hashes.set(n, hash);
    newest = { n, at, hash, jws };
    newestIsProven = signature === 'valid';
    if (said === null || said.n !== n || signature === 'forged') {
      faults.push({ kind: 'checkpointForged', n, day });
    } else {
      // A good signature over another hash than what stands before it: that one was exchanged.
      if (!follows) faults.push({ kind: 'checkpointForged', n: Math.max(1, n - 1), day });
      for (const head of said.heads) heads.set(head.chain, [...(heads.get(head.chain) ?? []), head]);
      if (said.adopted) adoptedAt = at;
    }
    before = { n, hash };
  }
  if (newest && !newestIsProven && !faults.some(({ n }) => n === newest?.n)) {
    faults.push({ kind: 'checkpointForged', n: newest.n, day: newest.at.toISOString().slice(0, 10) });
  }
  if (!newest) faults.push({ kind: 'checkpointMissing', n: before.n + 1, day: null });
  return { count: hashes.size, newest, heads, cut, adoptedAt, faults: eachOnce(faults), hashes };
}

function eachOnce(faults: readonly CheckpointFault[]): CheckpointFault[] {
  return [...new Map(faults.map((fault) => [`${fault.kind} ${fault.n}`, fault])).values()];
}

/** Believed only with a signature of its own: a cut explains why entries are gone. */
async function newestCut(
  { models }: Pick<Deps, 'models'>,
  judge: CheckpointJudge,
): Promise<RetentionCut | null> {
  let vouchedFor: string | null = null;
  for await (const { jws } of models.auditCheckpoints.find().sort({ _id: -1 }).lean().cursor()) {
    const isProven: boolean = checkpointHash(jws) === vouchedFor || (await judge.judge(jws)) === 'valid';
    const said = readCheckpoint(jws);
    if (!isProven || said === null) {
      vouchedFor = null;
      continue;
    }
    if (said.cut) return said.cut;
    vouchedFor = said.previous;
  }
  return null;
}
