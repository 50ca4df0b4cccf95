import { createReadStream } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type ImportProgress, importUsers } from '../identity/accounts/import.js';
import { EXIT } from './exitCodes.js';
import { eraseLine } from './progress.js';
import { withHouse } from './withHouse.js';

export interface ImportFileOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/**
 * Imports users from a JSON Lines file, or from standard input for `-`. Progress and the faults of single lines go to
 * standard error, the summary to standard output. How far a file was read is kept in `<file>.progress` until it is
 * done, so that the same command goes on where Ctrl-C or a crash stopped it. Answers the exit code: failed when lines
 * were left out or not reached.
 */
export async function importFile(file: string, options: ImportFileOptions): Promise<number> {
  const stateFile = file === '-' ? undefined : `${file}.progress`;
  if (stateFile) await access(file);
  const stop = stopAtFirstSignal();
  const progress = await withHouse(options.config, (deps) =>
    importUsers(deps, linesOf(file), {
      ...(stateFile && { stateFile }),
      signal: stop,
      onProgress: showProgress,
      onFault: (line, fault) => void process.stderr.write(`${eraseLine()}line ${line}: ${fault}\n`),
    }),
  );
  process.stderr.write(eraseLine());

  if (stop.aborted) {
    process.stderr.write(`stopped after line ${progress.line}; run the same command to go on\n`);
  } else if (stateFile) {
    await rm(stateFile, { force: true });
  }
  process.stdout.write(options.json ? `${JSON.stringify(progress)}\n` : summary(progress));
  return stop.aborted || progress.faulty > 0 ? EXIT.failed : EXIT.ok;
}

/** Opened when the first line is asked for: readline drops the lines that it reads before somebody listens. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** Aborted by the first Ctrl-C: the batch at hand is finished. A second one ends the process. */
function stopAtFirstSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function showProgress({ line, imported, skipped, faulty }: ImportProgress): void {
  const text = `line ${line}: ${imported} imported, ${skipped} there already, ${faulty} left out`;
  process.stderr.write(process.stderr.isTTY ? `${eraseLine()}${text}` : `${text}\n`);
}

function summary({ line, imported, skipped, faulty }: ImportProgress): string {
  return `${line} lines read: ${imported} imported, ${skipped} there already, ${faulty} left out\n`;
}
