import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import { AppError, isAppError } from '../../errors.js';
import type { Logger } from '../ports.js';

const KEY_BYTES = 32;
const FILE_NAME = 'master.key';

/**
 * The 32 bytes under which everything secret is kept: `config.masterKey`, or the file `master.key` (base64url, mode
 * 0600) in the data directory, which the first start makes. Processes that start together agree on one key.
 * Whether it is the key that the database was made with is checked by `createKeyRing`.
 * @throws AppError INTERNAL when the file is unreadable, of a wrong length, or open to other accounts
 */
export async function loadMasterKey(
  config: Pick<Config, 'masterKey' | 'dataDirectory'>,
  logger: Logger,
): Promise<Uint8Array> {
  if (config.masterKey !== undefined) return decodeKey(config.masterKey, 'the configured masterKey');
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 });
  const path = masterKeyPath(config.dataDirectory);
  const existing = await readKeyFile(path);
  if (existing) return existing;
  if (await createKeyFile(path)) {
    logger.info({ path }, 'made a new master key; keep a copy of it apart from the database backups');
  }
  const key = await readKeyFile(path);
  if (!key) throw new AppError('INTERNAL', `${path} vanished while it was read`);
  return key;
}

/** Where the key is kept when it is not configured. */
export function masterKeyPath(dataDirectory: string): string {
  return join(dataDirectory, FILE_NAME);
}

/** The key as it is, null where there is none yet; makes nothing. @throws as `loadMasterKey` */
export async function presentMasterKey(
  config: Pick<Config, 'masterKey' | 'dataDirectory'>,
): Promise<Uint8Array | null> {
  if (config.masterKey !== undefined) return decodeKey(config.masterKey, 'the configured masterKey');
  return readKeyFile(masterKeyPath(config.dataDirectory));
}

/** Keeps a key that comes from elsewhere as the file of the data directory, unless there is one: none is replaced. */
export async function keepMasterKey(
  { dataDirectory }: Pick<Config, 'dataDirectory'>,
  key: Uint8Array,
): Promise<void> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await createKeyFile(masterKeyPath(dataDirectory), key);
}

/** The key in a file; null where there is no file. @throws as `loadMasterKey` */
export async function readKeyFile(path: string): Promise<Uint8Array | null> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return null;
    throw new AppError('INTERNAL', `cannot read the master key ${path}`, { cause });
  }
  try {
    const mode = (await file.stat()).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new AppError(
        'INTERNAL',
        `the master key ${path} is open to other accounts (mode ${mode.toString(8)}); run: chmod 600 ${path}`,
      );
    }
    return decodeKey((await file.readFile('utf8')).trim(), `the master key ${path}`);
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    throw new AppError('INTERNAL', `cannot read the master key ${path}`, { cause });
  } finally {
    await file.close();
  }
}

function decodeKey(text: string, where: string): Uint8Array {
  const key = /^[A-Za-z0-9_-]{43}$/.test(text) ? Buffer.from(text, 'base64url') : null;
  if (key?.length !== KEY_BYTES) {
    throw new AppError('INTERNAL', `${where} is damaged: it must be 32 bytes in base64url (43 characters)`);
  }
  return new Uint8Array(key);
}

/**
 * False when another process was first. The key is complete and on disk before it gets its name, so that nobody
 * ever reads half of it; `link` refuses to replace a file, so that it is made exactly once.
 */
export async function createKeyFile(
  path: string,
  key: Uint8Array = randomBytes(KEY_BYTES),
): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${Buffer.from(key).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw new AppError('INTERNAL', `cannot create the master key ${path}`, { cause });
  } finally {
    await unlink(draft);
  }
  await syncDirectory(join(path, '..'));
  return true;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
