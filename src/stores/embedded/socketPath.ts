import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What the kernel takes as the name of a unix socket, in bytes. */
const MOST_BYTES = 103;

export interface SocketPath {
  readonly path: string;
  /** Removes what was made for the socket. */
  remove(): void;
}

/** Where the socket of an engine on this folder is, unless the name is too long for a socket. */
export function socketInside(folder: string): string {
  return join(resolve(folder), 'engine.sock');
}

/** Inside the folder if its name is short enough, else in a directory of its own that only the owner may enter. */
export function chooseSocketPath(folder: string): SocketPath {
  const inside = socketInside(folder);
  if (Buffer.byteLength(inside) <= MOST_BYTES) {
    rmSync(inside, { force: true });
    return { path: inside, remove: () => rmSync(inside, { force: true }) };
  }
  const directory = mkdtempSync(join(tmpdir(), 'fieldgate-'));
  return {
    path: join(directory, 'engine.sock'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
