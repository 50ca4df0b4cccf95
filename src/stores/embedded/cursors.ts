import { randomBytes } from 'node:crypto';
import { calculateObjectSize, Long } from 'bson';
import type { Doc } from './bson/value.js';
import { CommandError } from './errors.js';

const IDLE_MILLISECONDS = 10 * 60 * 1000;
const FIRST_BATCH = 101;
const MOST_BATCH_BYTES = 16 * 1024 * 1024;

interface OpenCursor {
  readonly namespace: string;
  readonly documents: Iterator<Doc>;
  next: IteratorResult<Doc> | null;
  lastUsed: number;
}

/** Results that are read in batches. A cursor that nobody asks for ten minutes is forgotten. */
export class Cursors {
  private readonly open = new Map<string, OpenCursor>();

  /** The first batch, and a cursor if there is more. A batch size of 0 only opens the cursor. */
  start(namespace: string, documents: Iterable<Doc>, batchSize: number | undefined, single = false): Doc {
    const cursor: OpenCursor = {
      namespace,
      documents: documents[Symbol.iterator](),
      next: null,
      lastUsed: Date.now(),
    };
    const firstBatch = take(cursor, batchSize ?? FIRST_BATCH);
    const id = single || isDone(cursor) ? Long.ZERO : this.keep(cursor);
    if (id === Long.ZERO) cursor.documents.return?.();
    return { cursor: { firstBatch, id, ns: namespace }, ok: 1 };
  }

  /** @throws CommandError CursorNotFound */
  more(id: Long, namespace: string, batchSize: number | undefined): Doc {
    const cursor = this.open.get(id.toString());
    if (cursor?.namespace !== namespace) throw new CommandError(43, `cursor id ${id.toString()} not found`);
    cursor.lastUsed = Date.now();
    const nextBatch = take(cursor, batchSize || Number.POSITIVE_INFINITY);
    const done = isDone(cursor);
    if (done) this.open.delete(id.toString());
    return { cursor: { nextBatch, id: done ? Long.ZERO : id, ns: namespace }, ok: 1 };
  }

  kill(id: Long): boolean {
    return this.open.delete(id.toString());
  }

  /** Forgets what nobody has asked for. */
  expire(now = Date.now()): void {
    for (const [id, cursor] of this.open) if (now - cursor.lastUsed > IDLE_MILLISECONDS) this.open.delete(id);
  }

  private keep(cursor: OpenCursor): Long {
    const bytes = randomBytes(8);
    bytes[0] = (bytes[0] as number) & 0x7f;
    const id = Long.fromBigInt(bytes.readBigInt64BE());
    this.open.set(id.toString(), cursor);
    return id;
  }
}

function peek(cursor: OpenCursor): IteratorResult<Doc> {
  cursor.next ??= cursor.documents.next();
  return cursor.next;
}

const isDone = (cursor: OpenCursor) => peek(cursor).done === true;

function take(cursor: OpenCursor, most: number): Doc[] {
  const batch: Doc[] = [];
  let bytes = 0;
  while (batch.length < most && !isDone(cursor)) {
    const document = peek(cursor).value as Doc;
    bytes += calculateObjectSize(document);
    if (batch.length > 0 && bytes > MOST_BATCH_BYTES) break;
    batch.push(document);
    cursor.next = null;
  }
  return batch;
}
