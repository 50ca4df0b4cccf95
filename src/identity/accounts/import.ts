import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Deps } from '../deps.js';
import { duplicateUserField } from './duplicateKey.js';
import { readImportLine } from './importLine.js';
import { insertUser } from './newUser.js';

export interface ImportProgress {
  /** Lines read so far, those of earlier runs included. */
  line: number;
  imported: number;
  /** Accounts that were there already. */
  skipped: number;
  faulty: number;
}

export interface ImportOptions {
  /** Keeps the number of the last finished line; a run that finds it goes on from there. */
  stateFile?: string;
  /** After each batch. */
  onProgress?: (progress: Readonly<ImportProgress>) => void;
  /** A line that was left out; lines count from 1. The fault repeats no value of the line. */
  onFault?: (line: number, fault: string) => void;
  /** Stops after the batch at hand. */
  signal?: AbortSignal;
}

type ImportDeps = Pick<Deps, 'models' | 'config' | 'clock' | 'policy' | 'audit'>;

/** Lines that are written together, and after which the state is kept. */
const BATCH_LINES = 200;
const MAX_LINE_CHARACTERS = 65_536;

interface Line {
  number: number;
  text: string;
}

/**
 * Imports accounts from JSON lines (`importLine.ts` has the keys). Memory is bounded by one batch. A bad line is
 * reported and left out; an account whose e-mail address, phone or username is there already is skipped, so running
 * the same file again is safe with or without the state file. No mail is sent. Audited as one event.
 */
export async function importUsers(
  deps: ImportDeps,
  source: AsyncIterable<string>,
  options: ImportOptions = {},
): Promise<ImportProgress> {
  const done = await finishedLines(options.stateFile);
  const progress: ImportProgress = { line: 0, imported: 0, skipped: 0, faulty: 0 };
  let batch: Line[] = [];

  const flush = async () => {
    // Side by side, since each waits for its own write to be on disk.
    await Promise.all(batch.map((line) => importLine(deps, line, progress, options)));
    batch = [];
    if (options.stateFile !== undefined) await keepFinished(options.stateFile, progress.line);
    options.onProgress?.({ ...progress });
  };

  for await (const text of source) {
    progress.line += 1;
    if (progress.line <= done) continue;
    batch.push({ number: progress.line, text });
    if (batch.length < BATCH_LINES) continue;
    await flush();
    if (options.signal?.aborted) break;
  }
  if (batch.length > 0) await flush();
  await deps.audit.record({
    action: 'user.import',
    outcome: 'success',
    actor: { kind: 'system' },
    objectType: 'User',
    after: progress,
  });
  return progress;
}

async function importLine(
  deps: ImportDeps,
  { number, text }: Line,
  progress: ImportProgress,
  { onFault }: ImportOptions,
): Promise<void> {
  // The mark that some editors put before the first line is no part of it.
  const content = text.replace(/^\ufeff/, '').trim();
  if (content === '') return;
  const read = content.length > MAX_LINE_CHARACTERS ? { fault: 'too long' } : readImportLine(deps, content);
  if ('fault' in read) return report(number, read.fault);
  const { email, phone, username } = read.user;
  if (!email && !phone && !username) return report(number, 'needs an email, a phone or a username');
  try {
    await insertUser(deps, read.user);
    progress.imported += 1;
  } catch (error) {
    if (duplicateUserField(error) === null) throw error;
    progress.skipped += 1;
  }

  function report(line: number, fault: string): void {
    progress.faulty += 1;
    onFault?.(line, fault);
  }
}

async function finishedLines(stateFile: string | undefined): Promise<number> {
  if (stateFile === undefined) return 0;
  try {
    const lines = Number((await readFile(stateFile, 'utf8')).trim());
    return Number.isSafeInteger(lines) && lines > 0 ? lines : 0;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return 0;
    throw error;
  }
}

/** Replaced as a whole, so that a crash leaves the old number or the new one. */
async function keepFinished(stateFile: string, line: number): Promise<void> {
  const draft = `${stateFile}.${process.pid}`;
  await writeFile(draft, `${line}\n`);
  await rename(draft, stateFile);
}
