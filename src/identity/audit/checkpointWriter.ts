import type { AuditEvent } from '../../models/auditEvent.js';
import type { Deps } from '../deps.js';
import { startsAfter } from './chainStarts.js';
import { type ChainHead, type CheckpointContent, signerOf } from './checkpointContent.js';
import {
  appendCheckpoint,
  type CheckpointDeps,
  type CheckpointPlace,
  newestCheckpoint,
} from './checkpointList.js';
import { GENESIS_HASH } from './entryHash.js';

/**
 * Signs how far this process's chain has come: at its first entry, at the change of day, after so many entries, after
 * so much time, when the signing key has changed, and at the end. What fails is tried again at the next occasion;
 * nobody waits for it.
 */
export class CheckpointWriter {
  readonly #deps: CheckpointDeps;
  /** Heads that no checkpoint names yet, by chain. */
  #uncovered = new Map<string, ChainHead>();
  #entries = 0;
  #current: ChainHead | undefined;
  #seen: CheckpointPlace | undefined;
  #writing = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(deps: CheckpointDeps) {
    this.#deps = deps;
    const { checkpointSeconds } = deps.config.audit;
    this.#timer = setInterval(() => void this.tick(), checkpointSeconds * 1000).unref();
  }

  /** Takes notice of entries that are stored now. */
  note(stored: readonly AuditEvent[]): void {
    let isDue = false;
    for (const { chain, sequence, hash } of stored) {
      if (this.#current?.chain !== chain) {
        if (this.#current) this.#uncovered.set(this.#current.chain, { ...this.#current, closed: true });
        isDue = true;
      }
      this.#current = { chain, sequence, hash };
      this.#uncovered.set(chain, this.#current);
      this.#entries += 1;
    }
    if (isDue || this.#entries >= this.#deps.config.audit.checkpointEvents) this.#start();
  }

  /** What the timer does. */
  async tick(): Promise<void> {
    await this.#writing;
    if (this.#uncovered.size > 0) this.#start();
    else if (await this.#isByAnotherKey()) this.#start({ evenIfNothingIsNew: true });
    await this.#writing;
  }

  /** Resolves when the chain is signed as closed, or when that failed and the log says so. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#current) {
      this.#uncovered.set(this.#current.chain, { ...this.#current, closed: true });
      this.#start();
    }
    await this.#writing;
  }

  #start({ evenIfNothingIsNew = false } = {}): void {
    this.#entries = 0;
    this.#writing = this.#writing.then(() =>
      evenIfNothingIsNew || this.#uncovered.size > 0 ? this.#write() : undefined,
    );
  }

  async #write(): Promise<void> {
    const heads = this.#uncovered;
    this.#uncovered = new Map();
    try {
      const written = await appendCheckpoint(
        this.#deps,
        async (before) => {
          const adopted = before || this.#seen ? null : await adopt(this.#deps, heads);
          return { ...adopted, heads: [...(adopted?.heads ?? []), ...heads.values()] };
        },
        this.#seen,
      );
      this.#seen = written ?? this.#seen;
    } catch (error) {
      // What came meanwhile is newer.
      this.#uncovered = new Map([...heads, ...this.#uncovered]);
      this.#deps.logger.error({ err: error }, 'audit checkpoint was not written; tried again later');
    }
  }

  async #isByAnotherKey(): Promise<boolean> {
    try {
      const newest = await newestCheckpoint(this.#deps);
      if (!newest) return false;
      const signed = await this.#deps.keys.sign({}, { typ: 'audit-probe+jwt' });
      return signerOf(signed) !== signerOf(newest.jws);
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the newest audit checkpoint could not be read');
      return false;
    }
  }
}

type Adoption = Pick<CheckpointContent, 'heads' | 'adopted' | 'cut'>;

/**
 * Takes over the chains of before there were checkpoints, as they are found: from now on they do not change unnoticed.
 * Where retention had removed days by then, the trail begins after them.
 */
async function adopt(
  { models }: Pick<Deps, 'models'>,
  own: ReadonlyMap<string, ChainHead>,
): Promise<Adoption | null> {
  const heads: ChainHead[] = [];
  for (const chain of (await models.auditEvents.distinct('chain')).sort()) {
    if (own.has(chain)) continue;
    const last = await models.auditEvents.findOne({ chain }).sort({ sequence: -1 }).lean();
    if (last) heads.push({ chain, sequence: last.sequence, hash: last.hash });
  }
  const [first] = heads;
  if (!first) return null;
  const starts = await startsAfter({ models }, '');
  const cut = { before: first.chain.slice(0, 10), resumes: { n: 0, hash: GENESIS_HASH }, starts };
  return { heads, adopted: true, ...(starts.length > 0 && { cut }) };
}
