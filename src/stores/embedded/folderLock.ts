import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process works in the folder. */
export class FolderInUseError extends Error {
  constructor(folder: string, pid: number) {
    super(
      `The data folder ${folder} is in use by the process ${pid}: stop it, or give this one another folder`,
    );
    this.name = 'FolderInUseError';
  }
}

/**
 * Takes the folder for this process; the lock of a process that is gone does not count. Returns the release.
 * @throws FolderInUseError
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'engine.lock');
  for (let attempt = 0; ; attempt++) {
    try {
      placeLock(file);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
    }
    const holder = holderOf(file);
    if (holder !== null) throw new FolderInUseError(folder, holder);
    rmSync(file, { force: true });
  }
}

/** Written elsewhere and linked, so that nobody ever sees a lock without its holder. @throws EEXIST */
function placeLock(file: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, lockText(process.pid), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

// The start time tells a living holder from another process that was given its number later.
const lockText = (pid: number) => `${pid} ${startTimeOf(pid) ?? ''}\n`;

function holderOf(file: string): number | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const pid = Number(text.split(' ', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  return text === lockText(pid) ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clock ticks since boot when the process started; null where there is no /proc. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
