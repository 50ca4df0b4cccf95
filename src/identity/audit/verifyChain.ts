import type { AuditEvent } from '../../models/auditEvent.js';
import type { Models } from '../../models/models.js';
import type { ChainHead } from './checkpointContent.js';
import { GENESIS_HASH, hashEntry } from './entryHash.js';

/**
 * `changed`: the entry was edited. `missing`: nothing stands where an entry was. `inserted`: an entry that its writer
 * did not write. `moved`: an entry stands at a place that is not its own. `truncated`: the end was cut off.
 * `rewritten`: the entries up to here agree with each other, but not with a signed checkpoint.
 */
type ChainFaultKind = 'changed' | 'missing' | 'inserted' | 'moved' | 'truncated' | 'rewritten';

/** The first thing wrong with a chain. */
interface ChainFault {
  readonly kind: ChainFaultKind;
  readonly sequence: number;
  /** The faulty entry; null for a missing one. */
  readonly eventId: string | null;
}

export interface ChainReport {
  readonly chain: string;
  /** Entries found intact before the first fault. */
  readonly entries: number;
  /** Of them, those after the last checkpoint: intact among themselves, and nothing more is known. */
  readonly unsigned: number;
  readonly fault: ChainFault | null;
}

export interface ChainExpectations {
  /** What checkpoints say of this chain, in any order. */
  readonly heads?: readonly ChainHead[];
  /** What the first entry must point at; absent: that is not judged. */
  readonly start?: string;
  /** The writer's next chain; absent: looked up; null: there is none. */
  readonly next?: string | null;
}

interface Previous {
  readonly id: string;
  readonly hash: string;
  readonly previousHash: string;
}

/** How far an entry is looked for from where it stands. */
const FARTHEST_MOVE = 100;

/**
 * Reads one chain (`AuditEvent.chain`) in order and names the first entry that was changed, removed, inserted or moved.
 * Without checkpoints (`heads`) an end cut off shows only by the same writer's next day, whose first entry points at
 * it, and a chain that was forged as a whole does not show at all.
 */
export async function verifyChain(
  models: Pick<Models, 'auditEvents'>,
  chain: string,
  { heads = [], start, next }: ChainExpectations = {},
): Promise<ChainReport> {
  const signed = new Map(heads.map(({ sequence, hash }) => [sequence, hash]));
  const lastSigned = Math.max(-1, ...signed.keys());
  const closedAt = heads.find(({ closed }) => closed)?.sequence ?? Number.POSITIVE_INFINITY;
  let expected = 0;
  let previous: Previous | null = null;
  const report = (fault: ChainFault | null): ChainReport => ({
    chain,
    entries: fault ? Math.min(expected, fault.sequence) : expected,
    unsigned: fault ? 0 : expected - 1 - lastSigned,
    fault,
  });

  for await (const event of models.auditEvents.find({ chain }).sort({ sequence: 1 }).lean().cursor()) {
    const fault = judge(event, expected, previous, start);
    if (fault) return report(await explain(models, chain, fault, previous?.hash ?? start));
    const hash = signed.get(expected);
    if (hash !== undefined && hash !== event.hash) {
      return report({ kind: 'rewritten', sequence: expected, eventId: event._id });
    }
    if (expected > closedAt) return report({ kind: 'inserted', sequence: expected, eventId: event._id });
    previous = { id: event._id, hash: event.hash, previousHash: event.previousHash };
    expected += 1;
  }
  if (expected <= lastSigned) return report({ kind: 'truncated', sequence: expected, eventId: null });
  const following = next === undefined ? await nextChain(models, chain) : next;
  if (following !== null && (await endWasCut(models, following, previous))) {
    return report({ kind: 'missing', sequence: expected, eventId: null });
  }
  return report(null);
}

function judge(
  event: AuditEvent,
  expected: number,
  previous: Previous | null,
  start: string | undefined,
): ChainFault | null {
  if (event.sequence !== expected) return { kind: 'missing', sequence: expected, eventId: null };
  const due = previous?.hash ?? start;
  const intact = hashEntry(event) === event.hash;
  const linked = due === undefined || event.previousHash === due;
  if (intact && linked) return null;
  // Intact itself but pointing at another predecessor: that one was rewritten together with its hash.
  if (intact) return { kind: 'changed', sequence: Math.max(0, expected - 1), eventId: previous?.id ?? null };
  if (linked && previous !== null) return { kind: 'changed', sequence: expected, eventId: event._id };
  const home = placeOf(event);
  if (home === null) return { kind: linked ? 'changed' : 'moved', sequence: expected, eventId: event._id };
  // Its number was changed: to make room for another, to close a gap, or to stand elsewhere.
  const madeRoom = home < expected && previous !== null && event.previousHash === previous.previousHash;
  return madeRoom
    ? { kind: 'inserted', sequence: expected - 1, eventId: previous.id }
    : { kind: 'moved', sequence: expected, eventId: event._id };
}

/** An entry that moved up because the one before it is nowhere any more: then that one is missing. */
async function explain(
  models: Pick<Models, 'auditEvents'>,
  chain: string,
  fault: ChainFault,
  due: string | undefined,
): Promise<ChainFault> {
  if (fault.kind !== 'moved' || due === undefined) return fault;
  const successors = await models.auditEvents.find({ chain, previousHash: due }).lean();
  const isThere = successors.some(
    (event) => hashEntry({ ...event, sequence: fault.sequence }) === event.hash,
  );
  return isThere ? fault : { kind: 'missing', sequence: fault.sequence, eventId: null };
}

/** The sequence with which an entry agrees with its hash; null where there is none nearby. */
function placeOf(event: AuditEvent): number | null {
  for (let distance = 1; distance <= FARTHEST_MOVE; distance += 1) {
    for (const sequence of [event.sequence + distance, event.sequence - distance]) {
      if (sequence >= 0 && hashEntry({ ...event, sequence }) === event.hash) return sequence;
    }
  }
  return null;
}

async function nextChain(models: Pick<Models, 'auditEvents'>, chain: string): Promise<string | null> {
  const writer = writerOf(chain).replace(/[^\w-]/g, '');
  const next = await models.auditEvents
    .findOne({ chain: { $gt: chain, $regex: `:${writer}$` }, sequence: 0 })
    .sort({ chain: 1 })
    .lean();
  return next?.chain ?? null;
}

async function endWasCut(
  models: Pick<Models, 'auditEvents'>,
  next: string,
  last: Previous | null,
): Promise<boolean> {
  const first = await models.auditEvents.findOne({ chain: next, sequence: 0 }).lean();
  return first !== null && first.previousHash !== (last?.hash ?? GENESIS_HASH);
}

/** Chains are named `<day>:<writer>`. */
export function writerOf(chain: string): string {
  return chain.slice(chain.indexOf(':') + 1);
}
