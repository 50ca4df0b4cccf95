import { link, rename } from 'node:fs/promises';
import { AppError } from '../../errors.js';
import { makeKey } from './dataKeys.js';
import { masterKeyIdOf } from './keyId.js';
import { createKeyFile, masterKeyPath, readKeyFile } from './masterKey.js';

/** The key in this file, which is made when there is none. @throws as `loadMasterKey` */
export async function keyInFile(path: string): Promise<Uint8Array> {
  const present = await readKeyFile(path);
  if (present) return present;
  await createKeyFile(path, makeKey());
  const made = await readKeyFile(path);
  if (!made) throw new AppError('INTERNAL', `${path} vanished while it was read`);
  return made;
}

/** Where a rotation keeps the next key until it takes the place of the present one. */
export function nextKeyPath(dataDirectory: string): string {
  return `${masterKeyPath(dataDirectory)}.next`;
}

/**
 * Puts the next key file in the place of the present one, which stays beside it as `master.key.<id>`: backups from
 * before need it. There is a whole key under the name at every moment. Nothing to do when it was done before.
 */
export async function replaceKeyFile(dataDirectory: string): Promise<void> {
  const path = masterKeyPath(dataDirectory);
  const [present, next] = [await readKeyFile(path), await readKeyFile(nextKeyPath(dataDirectory))];
  if (!next) return;
  if (present) await link(path, `${path}.${masterKeyIdOf(present)}`).catch(unlessThere);
  await rename(nextKeyPath(dataDirectory), path);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
