import type { Doc } from '../bson/value.js';
import type { Cursors } from '../cursors.js';
import type { Storage } from '../storage/storage.js';

/** What a command works with. */
export interface CommandContext {
  readonly storage: Storage;
  readonly cursors: Cursors;
  readonly database: string;
  readonly connectionId: number;
  readonly now: () => Date;
}

/** One command: what it may be asked, and what it does. */
export interface Command {
  /** Its fields beside the general ones; any other is refused by name. */
  readonly fields: readonly string[];
  run(request: Doc, context: CommandContext): Promise<Doc> | Doc;
}

/** Command implementations by name. */
export type Commands = Readonly<Record<string, Command>>;
