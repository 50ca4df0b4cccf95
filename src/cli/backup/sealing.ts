import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { AppError } from '../../errors.js';

/** How an archive is encrypted; stands readable in its first line. */
export interface Sealing {
  readonly cipher: 'aes-256-gcm-stream';
  readonly kdf: 'scrypt';
  readonly cost: number;
  /** Base64url. */
  readonly salt: string;
  /** Base64url, 7 bytes. */
  readonly nonce: string;
}

const COST = 2 ** 17;
const BLOCK_SIZE = 8;
const SALT_BYTES = 16;
const NONCE_BYTES = 7;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const CHUNK_BYTES = 65_536;
const SHORTEST_PASSPHRASE = 12;

export function newSealing(): Sealing {
  return {
    cipher: 'aes-256-gcm-stream',
    kdf: 'scrypt',
    cost: COST,
    salt: randomBytes(SALT_BYTES).toString('base64url'),
    nonce: randomBytes(NONCE_BYTES).toString('base64url'),
  };
}

/** @throws AppError BAD_USER_INPUT when it is too short to protect anything */
export function assertPassphrase(passphrase: string): void {
  if (passphrase.length >= SHORTEST_PASSPHRASE) return;
  throw new AppError('BAD_USER_INPUT', `the passphrase needs ${SHORTEST_PASSPHRASE} characters`);
}

/**
 * Encrypts a stream in chunks, each under its number and whether it is the last one (the STREAM construction), so that
 * chunks cannot be reordered, dropped or cut off. Each goes behind its length.
 */
export async function* seal(
  source: AsyncIterable<Buffer>,
  sealing: Sealing,
  passphrase: string,
): AsyncGenerator<Buffer> {
  const key = await keyOf(sealing, passphrase);
  let number = 0;
  let held = Buffer.alloc(0);
  const chunk = (text: Buffer, last: boolean) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(sealing, number, last));
    number += 1;
    const bytes = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  for await (const piece of source) {
    held = Buffer.concat([held, piece]);
    while (held.length > CHUNK_BYTES) {
      yield chunk(held.subarray(0, CHUNK_BYTES), false);
      held = held.subarray(CHUNK_BYTES);
    }
  }
  yield chunk(held, true);
}

/** @throws AppError BAD_USER_INPUT when the passphrase is wrong, or the archive was changed or cut off */
export async function* unseal(
  source: AsyncIterable<Buffer>,
  sealing: Sealing,
  passphrase: string,
): AsyncGenerator<Buffer> {
  const key = await keyOf(sealing, passphrase);
  let number = 0;
  let held: Buffer | null = null;
  for await (const chunk of framesOf(source)) {
    if (held) yield open(held, key, nonceOf(sealing, number++, false));
    held = chunk;
  }
  if (!held) throw damaged();
  yield open(held, key, nonceOf(sealing, number, true));
}

async function* framesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const piece of source) {
    held = Buffer.concat([held, piece]);
    for (;;) {
      if (held.length < 4) break;
      const length = held.readUInt32BE(0);
      if (length < TAG_BYTES || length > CHUNK_BYTES + TAG_BYTES) throw damaged();
      if (held.length < 4 + length) break;
      yield held.subarray(4, 4 + length);
      held = held.subarray(4 + length);
    }
  }
  if (held.length > 0) throw damaged();
}

function open(bytes: Buffer, key: Buffer, nonce: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw damaged(cause);
  }
}

function nonceOf({ nonce }: Sealing, number: number, last: boolean): Buffer {
  const tail = Buffer.alloc(5);
  tail.writeUInt32BE(number);
  tail.writeUInt8(last ? 1 : 0, 4);
  return Buffer.concat([Buffer.from(nonce, 'base64url'), tail]);
}

function keyOf({ cost, salt }: Sealing, passphrase: string): Promise<Buffer> {
  // What a file says must not stop the machine.
  if (!Number.isInteger(cost) || cost < 2 || cost > COST * 8) throw damaged();
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 256 * cost * BLOCK_SIZE };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64url'), KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function damaged(cause?: unknown): AppError {
  return new AppError('BAD_USER_INPUT', 'the passphrase is wrong, or the archive was changed or cut off', {
    cause,
  });
}
