import type { KeptDecision } from '../models/decision.js';
import type { Models } from '../models/models.js';
import type { Clock, Logger } from './ports.js';
import { createWarning } from './warning.js';

/** How long a refusal can be looked up. */
const KEPT_SECONDS = 86_400;
const FLUSH_MILLISECONDS = 1000;
/** More refusals than these in one second are a flood: those beyond are not kept. */
const MOST_WAITING = 500;

/** Refusals with their reasons, for those who may look them up. */
export interface DecisionLog {
  /** Takes them without waiting; stored within a second, or dropped where too many come at once. */
  keep(decisions: readonly Omit<KeptDecision, 'at' | 'expiresAt'>[]): void;
  /** Null where there is none, or not any more. What this process was given last is found before it is stored. */
  find(id: string): Promise<KeptDecision | null>;
}

/** Never fails a request: what cannot be stored is dropped, and the log says so once a minute. */
export function createDecisionLog({
  models,
  clock,
  logger,
}: {
  models: Models;
  clock: Clock;
  logger: Logger;
}): DecisionLog & { close(): Promise<void> } {
  let waiting = new Map<string, KeptDecision>();
  let writing: ReadonlyMap<string, KeptDecision> = new Map();
  let written = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const warn = createWarning({ logger, clock }, 'refusals were not kept');

  const write = async (batch: ReadonlyMap<string, KeptDecision>): Promise<void> => {
    writing = batch;
    await models.decisions.insertMany([...batch.values()], { ordered: false }).catch(warn);
    writing = new Map();
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.size === 0) return;
    written = written.then(() => {
      const batch = waiting;
      waiting = new Map();
      return batch.size === 0 ? undefined : write(batch);
    });
  };

  return {
    keep(decisions) {
      const at = clock();
      const expiresAt = new Date(at.getTime() + KEPT_SECONDS * 1000);
      for (const decision of decisions) {
        if (waiting.size >= MOST_WAITING) {
          warn(new Error(`more than ${MOST_WAITING} refusals in a second`));
          break;
        }
        waiting.set(decision._id, { ...decision, at, expiresAt });
      }
      timer ??= setTimeout(flush, FLUSH_MILLISECONDS).unref();
    },
    async find(id) {
      const found = waiting.get(id) ?? writing.get(id) ?? (await models.decisions.findById(id).lean());
      // The database takes up to a minute to forget.
      return found && found.expiresAt > clock() ? found : null;
    },
    async close() {
      flush();
      await written;
    },
  };
}
