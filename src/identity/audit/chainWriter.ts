import { randomBytes } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { AuditEvent } from '../../models/auditEvent.js';
import type { Deps } from '../deps.js';
import type { UnchainedEvent } from './auditContent.js';
import { GENESIS_HASH, hashEntry } from './entryHash.js';
import { sealEvent, sealingSubjects } from './sealing.js';
import { SubjectKeyring } from './subjectKeys.js';

type WriterDeps = Pick<Deps, 'models' | 'clock' | 'logger' | 'secrets'>;

/** Hears of every entry once it is stored, in order. */
type OnStored = (stored: readonly AuditEvent[]) => void;

const LARGEST_BATCH = 500;
const MOST_WAITING = 20_000;
const RETRY_MILLISECONDS = 50;
const LONGEST_PAUSE_MILLISECONDS = 5000;
// An attempt and one more, then the callers hear of it.
const ATTEMPTS_BEFORE_REFUSAL = 2;

interface Waiting {
  readonly event: UnchainedEvent;
  settle?: ((error: AppError | null) => void) | undefined;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/**
 * Gives entries their place in this process's hash chain and stores them in batches, one batch at a time, in order:
 * while one is on its way the next collects. A batch that could not be stored stays at the head and is tried again
 * with the same hashes, so that an outage leaves neither a gap nor a fork. There is one chain per UTC day
 * (`2026-01-31:<writer>`); a day's first entry points at the last one of the writer's day before.
 */
export class ChainWriter {
  readonly #deps: WriterDeps;
  readonly #onStored: OnStored;
  readonly #keyring: SubjectKeyring;
  readonly #writer = randomBytes(9).toString('base64url');
  #chain = '';
  #sequence = 0;
  #lastHash = GENESIS_HASH;

  #waiting: Waiting[] = [];
  /** Chained, not yet known to be stored. */
  #chained: readonly AuditEvent[] = [];
  /** Of them, those that are not known to be there after an attempt that failed. */
  #unstored: AuditEvent[] = [];
  #unstoredWaiting: Waiting[] = [];
  #active = false;
  #running: Promise<void> | undefined;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(deps: WriterDeps, onStored: OnStored = () => undefined) {
    this.#deps = deps;
    this.#onStored = onStored;
    this.#keyring = new SubjectKeyring(deps);
  }

  /**
   * Resolves when the entry is durable. @throws AppError UNAVAILABLE when storage refused it twice; the entry is
   * kept and stored as soon as storage is back, for what it tells may have happened.
   */
  append(event: UnchainedEvent): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add({ event, settle: (error) => (error ? reject(error) : resolve()) });
    });
  }

  /** The same without waiting; a lasting failure is logged. */
  appendSoon(event: UnchainedEvent): void {
    this.#add({ event });
  }

  /** Stores everything that waits. Resolves also when storage refuses, after having logged how much was lost. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    if (this.#pending > 0) this.#start();
    await this.#running;
    clearTimeout(this.#retry);
    if (this.#pending > 0)
      this.#deps.logger.error({ lost: this.#pending }, 'audit entries could not be stored');
  }

  get #pending(): number {
    return this.#waiting.length + this.#chained.length;
  }

  #add(waiting: Waiting): void {
    if (this.#pending >= MOST_WAITING) {
      this.#deps.logger.error(
        { action: waiting.event.action },
        'audit entry dropped: too many wait for storage',
      );
      waiting.settle?.(new AppError('UNAVAILABLE', 'too many audit entries wait for storage'));
      return;
    }
    this.#waiting.push(waiting);
    this.#start();
  }

  #start(): void {
    if (this.#active) return;
    this.#active = true;
    clearTimeout(this.#retry);
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (this.#pending > 0) {
      if (await this.#storeNext()) continue;
      if (this.#failures >= ATTEMPTS_BEFORE_REFUSAL) {
        this.#refuseAll();
        this.#retryLater();
        break;
      }
      await pause(RETRY_MILLISECONDS);
    }
    // In the same turn as the last look at what waits: an entry added later must start a new run.
    this.#active = false;
  }

  async #chainNext(): Promise<void> {
    const events = this.#waiting.slice(0, LARGEST_BATCH).map(({ event }) => event);
    const boxes = await this.#keyring.boxesOf(events.flatMap(sealingSubjects));
    this.#unstoredWaiting = this.#waiting.splice(0, events.length);
    this.#unstored = events.map((event) => this.#link(sealEvent(this.#deps.secrets, event, boxes)));
    this.#chained = this.#unstored;
  }

  #link(event: UnchainedEvent): AuditEvent {
    const chain = `${this.#deps.clock().toISOString().slice(0, 10)}:${this.#writer}`;
    // Never back to an older day: that chain has its end already.
    if (chain > this.#chain) {
      this.#chain = chain;
      this.#sequence = 0;
    }
    const linked = {
      ...event,
      chain: this.#chain,
      sequence: this.#sequence,
      previousHash: this.#lastHash,
    };
    const hash = hashEntry(linked);
    this.#sequence += 1;
    this.#lastHash = hash;
    return { ...linked, hash };
  }

  async #storeNext(): Promise<boolean> {
    try {
      if (this.#chained.length === 0) await this.#chainNext();
      await this.#insert();
    } catch (error) {
      this.#failures += 1;
      this.#deps.logger.error({ err: error, entries: this.#pending }, 'audit entries not stored yet');
      return false;
    }
    this.#failures = 0;
    this.#onStored(this.#chained);
    this.#chained = [];
    for (const { settle } of this.#unstoredWaiting.splice(0)) settle?.(null);
    return true;
  }

  async #insert(): Promise<void> {
    // After a failure nobody knows how far it came: a lost reply looks like a lost request.
    if (this.#failures > 0) await this.#dropStored();
    if (this.#unstored.length === 0) return;
    await this.#deps.models.auditEvents.insertMany(this.#unstored, { ordered: true, lean: true });
  }

  async #dropStored(): Promise<void> {
    const ids = this.#unstored.map((event) => event._id);
    const stored = await this.#deps.models.auditEvents.find({ _id: { $in: ids } }, { _id: 1 }).lean();
    const present = new Set(stored.map((event) => event._id));
    this.#unstored = this.#unstored.filter((event) => !present.has(event._id));
  }

  #refuseAll(): void {
    const refused = new AppError('UNAVAILABLE', 'the audit trail cannot be stored');
    for (const waiting of [...this.#unstoredWaiting, ...this.#waiting]) {
      waiting.settle?.(refused);
      waiting.settle = undefined;
    }
  }

  #retryLater(): void {
    const wait = Math.min(RETRY_MILLISECONDS * 2 ** this.#failures, LONGEST_PAUSE_MILLISECONDS);
    this.#retry = setTimeout(() => this.#start(), wait).unref();
  }
}
