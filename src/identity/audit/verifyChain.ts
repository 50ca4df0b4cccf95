import type { AuditEvent } from '../../models/auditEvent.js';
import type { Models } from '../../models/models.js';
import { GENESIS_HASH, hashEntry } from './entryHash.js';

/** The first thing wrong with a chain. */
export interface ChainFault {
  /** `moved`: an entry stands at a place that is not its own. `missing`: nothing stands where an entry was. */
  readonly kind: 'changed' | 'missing' | 'moved';
  readonly sequence: number;
  /** The faulty entry; null for a missing one. */
  readonly eventId: string | null;
}

export interface ChainReport {
  readonly chain: string;
  /** Entries found intact before the first fault. */
  readonly entries: number;
  readonly fault: ChainFault | null;
}

interface Previous {
  readonly id: string;
  readonly hash: string;
}

/**
 * Reads one chain (`AuditEvent.chain`) in order and names the first entry that was changed, removed or moved.
 * An end cut off shows only once the same writer has begun its next day: that day's first entry points at it.
 * Whoever can write the whole collection can forge a whole chain; anchor the last hash elsewhere to rule that out.
 */
export async function verifyChain(models: Pick<Models, 'auditEvents'>, chain: string): Promise<ChainReport> {
  let expected = 0;
  let previous: Previous | null = null;
  for await (const event of models.auditEvents.find({ chain }).sort({ sequence: 1 }).lean().cursor()) {
    const fault = judge(event, expected, previous);
    if (fault) return { chain, entries: Math.min(expected, fault.sequence), fault };
    previous = { id: event._id, hash: event.hash };
    expected += 1;
  }
  const cut = await endWasCut(models, chain, previous);
  return {
    chain,
    entries: expected,
    fault: cut ? { kind: 'missing', sequence: expected, eventId: null } : null,
  };
}

function judge(event: AuditEvent, expected: number, previous: Previous | null): ChainFault | null {
  if (event.sequence !== expected) return { kind: 'missing', sequence: expected, eventId: null };
  const intact = hashEntry(event) === event.hash;
  const linked = previous === null || event.previousHash === previous.hash;
  if (intact && linked) return null;
  if (!intact) return { kind: linked ? 'changed' : 'moved', sequence: expected, eventId: event._id };
  // Intact itself but pointing at another predecessor: that one was rewritten together with its hash.
  return { kind: 'changed', sequence: expected - 1, eventId: previous?.id ?? null };
}

async function endWasCut(
  models: Pick<Models, 'auditEvents'>,
  chain: string,
  last: Previous | null,
): Promise<boolean> {
  const writer = chain.slice(chain.indexOf(':') + 1).replace(/[^\w-]/g, '');
  const next = await models.auditEvents
    .findOne({ chain: { $gt: chain, $regex: `:${writer}$` }, sequence: 0 })
    .sort({ chain: 1 })
    .lean();
  if (next === null) return false;
  return next.previousHash !== (last?.hash ?? GENESIS_HASH);
}
