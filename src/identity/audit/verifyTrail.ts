import type { Deps } from '../deps.js';
import { type CheckpointFault, type FoundCheckpoints, readCheckpoints } from './checkpointsFound.js';
import { GENESIS_HASH } from './entryHash.js';
import { type ChainReport, verifyChain, writerOf } from './verifyChain.js';

/** One thing wrong with the trail: which day, where in which chain, and what. */
export interface TrailFault {
  readonly day: string | null;
  readonly chain: string | null;
  /** In the chain, or of the checkpoint in the list of checkpoints. */
  readonly sequence: number;
  /**
   * Beside those of a chain: `dayMissing` and `chainMissing`: a checkpoint tells of entries, and none are there.
   * `checkpointForged`, `checkpointMissing`. `checkpointDiffers`: from the one that was kept elsewhere.
   */
  readonly kind:
    | NonNullable<ChainReport['fault']>['kind']
    | CheckpointFault['kind']
    | 'dayMissing'
    | 'chainMissing'
    | 'checkpointDiffers';
  readonly eventId: string | null;
}

export interface TrailReport {
  /** Of the chains that were read. */
  readonly days: number;
  readonly chains: number;
  /** Entries found intact. */
  readonly entries: number;
  /** Of them, those that no checkpoint covers yet: the newest, or the last before a process was killed. */
  readonly unsigned: number;
  readonly checkpoints: { readonly count: number; readonly newest: FoundCheckpoints['newest'] };
  /** Retention removed the days before this one. */
  readonly cutBefore: string | null;
  readonly adoptedAt: Date | null;
  /** Whether the checkpoint that was kept elsewhere is in the list; `removed`: retention has taken it. */
  readonly anchor: 'found' | 'removed' | 'differs' | null;
  readonly faults: readonly TrailFault[];
}

export interface TrailQuestion {
  /** UTC days, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** A checkpoint that was kept elsewhere. */
  readonly anchor?: { readonly n: number; readonly hash: string } | undefined;
  readonly onProgress?: (progress: { chain: string; entries: number }) => void;
}

/** A chain that has just begun has its first checkpoint within moments. */
const OPENING_MILLISECONDS = 60_000;

/**
 * Reads the trail, or some days of it, and names every chain's first fault and every fault of the checkpoints. Without
 * a checkpoint kept elsewhere (`anchor`), one thing can stay hidden from it: that everything after some checkpoint was
 * removed, checkpoints and entries alike, while no process of the installation was running.
 */
export async function verifyTrail(
  deps: Pick<Deps, 'models' | 'keys' | 'clock'>,
  question: TrailQuestion = {},
): Promise<TrailReport> {
  const report = await readTrail(deps, question);
  if (report.faults.length === 0) return report;
  // Retention may have cut days off while they were looked for.
  const { cut } = await readCheckpoints(deps);
  return (cut?.before ?? null) === report.cutBefore ? report : verifyTrail(deps, question);
}

async function readTrail(
  deps: Pick<Deps, 'models' | 'keys' | 'clock'>,
  { from = '', to = '9999', anchor, onProgress }: TrailQuestion,
): Promise<TrailReport> {
  const startedAt = deps.clock();
  // Before the entries: those that come while they are read are newer than what is expected of them.
  const found = await readCheckpoints(deps);
  const stored = new Set(await deps.models.auditEvents.distinct('chain'));
  const cutBefore = found.cut?.before ?? null;
  const all = [...new Set([...stored, ...found.heads.keys()])].sort();
  const { before, after } = neighbours(all);
  const chains = all.filter((chain) => isWithin(chain, from, to) && dayOf(chain) >= (cutBefore ?? ''));
  const days = new Set([...stored].map(dayOf));
  const faults: TrailFault[] = found.faults.map(({ n, ...fault }) => ({
    ...fault,
    chain: null,
    sequence: n,
    eventId: null,
  }));
  let entries = 0;
  let unsigned = 0;

  for (const chain of chains) {
    const heads = found.heads.get(chain) ?? [];
    if (!stored.has(chain)) {
      const kind = days.has(dayOf(chain)) ? 'chainMissing' : 'dayMissing';
      faults.push({ day: dayOf(chain), chain, sequence: 0, kind, eventId: null });
      continue;
    }
    const report = await verifyChain(deps.models, chain, {
      heads,
      start: await startOf(deps, found, chain, before.get(chain)),
      next: after.get(chain) ?? null,
    });
    entries += report.entries;
    unsigned += report.unsigned;
    onProgress?.({ chain, entries });
    const { fault } = report;
    if (fault) faults.push({ day: dayOf(chain), chain, ...fault });
    else if (heads.length === 0 && found.newest && !(await isOpening(deps, chain, startedAt))) {
      faults.push({ day: dayOf(chain), chain, sequence: 0, kind: 'inserted', eventId: null });
    }
  }
  const anchored = anchor ? compareAnchor(found, anchor) : null;
  if (anchor && anchored === 'differs') {
    faults.push({ day: null, chain: null, sequence: anchor.n, kind: 'checkpointDiffers', eventId: null });
  }
  return {
    days: new Set(chains.map(dayOf)).size,
    chains: chains.length,
    entries,
    unsigned,
    checkpoints: { count: found.count, newest: found.newest },
    cutBefore,
    adoptedAt: found.adoptedAt,
    anchor: anchored,
    faults,
  };
}

/** What the first entry of a chain must point at: the end of the writer's chain before, kept or cut off. */
async function startOf(
  { models }: Pick<Deps, 'models'>,
  { cut }: FoundCheckpoints,
  chain: string,
  before: string | undefined,
): Promise<string> {
  const known = cut?.starts.find((start) => start.chain === chain);
  if (known) return known.previousHash;
  if (before === undefined || dayOf(before) < (cut?.before ?? '')) return GENESIS_HASH;
  const first = await models.auditEvents.findOne({ chain, sequence: 0 }).lean();
  // Whether the chain before still ends there is judged with that chain.
  return first?.previousHash ?? GENESIS_HASH;
}

/** The chains of the same writer on its days before and after. */
function neighbours(sorted: readonly string[]): Record<'before' | 'after', ReadonlyMap<string, string>> {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  const last = new Map<string, string>();
  for (const chain of sorted) {
    const earlier = last.get(writerOf(chain));
    last.set(writerOf(chain), chain);
    if (earlier === undefined) continue;
    before.set(chain, earlier);
    after.set(earlier, chain);
  }
  return { before, after };
}

async function isOpening({ models }: Pick<Deps, 'models'>, chain: string, startedAt: Date): Promise<boolean> {
  const first = await models.auditEvents.findOne({ chain }).sort({ sequence: 1 }).lean();
  return first !== null && first.at.getTime() > startedAt.getTime() - OPENING_MILLISECONDS;
}

function compareAnchor(
  { hashes, cut }: FoundCheckpoints,
  anchor: { readonly n: number; readonly hash: string },
): NonNullable<TrailReport['anchor']> {
  if (hashes.get(anchor.n) === anchor.hash) return 'found';
  return cut && anchor.n <= cut.resumes.n ? 'removed' : 'differs';
}

const dayOf = (chain: string): string => chain.slice(0, 10);

function isWithin(chain: string, from: string, to: string): boolean {
  const day = dayOf(chain);
  return day >= from && day <= to;
}
