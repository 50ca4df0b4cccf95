import { setTimeout as pause } from 'node:timers/promises';
import { idAt, readEventPage } from '../identity/audit/readEvents.js';
import type { Deps } from '../identity/deps.js';
import type { Access } from '../policies/decision.js';
import { governedLine } from './auditQuery.js';

export interface Tail {
  /** The rights of now; null ends the tail. */
  readonly renew: () => Promise<{
    readonly access: Access;
    readonly query: Record<string, unknown>;
  } | null>;
  /** The id that the first event comes after. */
  readonly after: string;
  readonly signal: AbortSignal;
  readonly pace?: Pace;
}

export interface Pace {
  readonly pollMilliseconds: number;
  /** A silence that proxies take for a dead connection does not come about. */
  readonly heartbeatMilliseconds: number;
}

const PAGE = 100;
const PACE: Pace = { pollMilliseconds: 1000, heartbeatMilliseconds: 15_000 };
/**
 * An event is shown when it is this old: grouped events are stored up to 50 ms late and the clocks of replicas differ,
 * and an event that came behind the position would never be shown.
 */
const SETTLING_MILLISECONDS = 1000;

/**
 * Server-sent events (WHATWG HTML §9.2), oldest first, each once, in the order of their ids. A poll of all replicas'
 * entries needs no message to arrive, and a reader that takes nothing is not read for. Rights are looked up anew for
 * each poll.
 */
export async function* tailEvents(
  deps: Deps,
  { renew, after, signal, pace = PACE }: Tail,
): AsyncGenerator<string> {
  yield `retry: ${pace.pollMilliseconds * 2}\n\n`;
  let position = after;
  let lastSaid = performance.now();
  try {
    while (!signal.aborted) {
      const reading = await renew();
      if (!reading) {
        yield 'event: end\ndata: {"reason":"signedOut"}\n\n';
        return;
      }
      const before = idAt(new Date(deps.clock().getTime() - SETTLING_MILLISECONDS));
      const page =
        before > position ? await readEventPage(deps, reading.query, { after: position, before }, PAGE) : [];
      const isAll = page.length < PAGE;
      if (page.length > 0) {
        yield page
          .map((event) => message(event.stored._id, governedLine('jsonl', reading.access, event)))
          .join('');
        lastSaid = performance.now();
      } else if (performance.now() - lastSaid >= pace.heartbeatMilliseconds) {
        yield ': nothing new\n\n';
        lastSaid = performance.now();
      }
      if (isAll && before > position) position = before;
      else position = page.at(-1)?.stored._id ?? position;
      if (isAll) await pause(pace.pollMilliseconds, undefined, { signal });
    }
  } catch (error) {
    // The reader comes back with Last-Event-ID.
    if (!signal.aborted) deps.logger.warn({ err: error }, 'a live tail of the audit trail broke off');
  }
}

function message(id: string, line: string): string {
  return `id: ${id}\nevent: audit\ndata: ${line}\n`;
}
