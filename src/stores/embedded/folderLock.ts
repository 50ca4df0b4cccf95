import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { socketInside } from './socketPath.js';

/** Another process works in the folder. */
export class FolderInUseError extends Error {
  constructor(folder: string, pid: number | null) {
    super(
      `The data folder ${folder} is in use by ${pid === null ? 'another process, maybe of another container' : `the process ${pid}`}: ` +
        'stop it, or give this one another folder',
    );
    this.name = 'FolderInUseError';
  }
}

export interface FolderLock {
  /**
   * To be asked when all is ready, before anything is served: a process of another container has numbers that say
   * nothing here, so what it holds is known by whether it answers, and one that starts in this moment does not yet.
   * @throws FolderInUseError
   */
  assertAlone(): Promise<void>;
  release(): void;
}

const MOST_ATTEMPTS = 200;
const PAUSE_MILLISECONDS = 5;

/**
 * Takes the folder for this process; the lock of a process that is gone does not count.
 * @throws FolderInUseError
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'engine.lock');
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    if (placeLock(file)) return lockOf(folder, file);
    const text = readText(file);
    if (text === null) continue;
    const holder = holderOf(text);
    if (holder !== null) throw new FolderInUseError(folder, holder);
    clearDeadLock(file, text);
  }
  throw new FolderInUseError(folder, null);
}

function lockOf(folder: string, file: string): FolderLock {
  const isOurs = () => readText(file) === lockText(process.pid);
  return {
    assertAlone: async () => {
      if (!isOurs() || (await isAnswered(socketInside(folder)))) throw new FolderInUseError(folder, null);
    },
    release: () => {
      if (isOurs()) rmSync(file, { force: true });
    },
  };
}

/** Written elsewhere and linked, so that nobody ever sees a lock without its holder. False: there is one already. */
function placeLock(file: string): boolean {
  // Not by the process id: processes of two containers may have the same.
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, lockText(process.pid), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** One process at a time, so that none takes away the lock that another has placed since it read the dead one. */
function clearDeadLock(file: string, dead: string): void {
  const guard = `${file}.takeover`;
  if (placeLock(guard)) {
    if (readText(file) === dead) rmSync(file, { force: true });
    rmSync(guard, { force: true });
    return;
  }
  const text = readText(guard);
  if (text !== null && holderOf(text) === null) rmSync(guard, { force: true });
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

// The start time tells a living holder from another process that was given its number later.
const lockText = (pid: number) => `${pid} ${startTimeOf(pid) ?? ''} ${numberSpace()}\n`;

function holderOf(text: string): number | null {
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

/** Within what process numbers are unique, a container's own; '' where there is no /proc. */
function numberSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function isAnswered(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const finish = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => {
      finish(true);
    });
    socket.once('error', () => {
      finish(false);
    });
  });
}
