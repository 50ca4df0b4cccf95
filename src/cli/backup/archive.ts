import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import { AppError } from '../../errors.js';
import type { CollectionShape, CollectionSum } from '../../stores/dump.js';
import { newSealing, type Sealing, seal, unseal } from './sealing.js';

/** What an archive is, before its first collection. */
export interface Manifest {
  readonly createdAt: string;
  /** The version of Fieldgate that wrote it. */
  readonly fieldgate: string;
  /** Under which master key its secrets are encrypted. */
  readonly masterKeyId: string;
  /** Base64url; only in an encrypted archive. */
  readonly masterKey?: string;
}

/** The content of an archive, in its order. */
export type ArchivePart =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'collection'; readonly collection: CollectionShape }
  | { readonly kind: 'document'; readonly line: string }
  | { readonly kind: 'sum'; readonly name: string; readonly sum: CollectionSum }
  | { readonly kind: 'end'; readonly collections: number };

const FORMAT = 'fieldgate-backup';
const VERSION = 1;
const LONGEST_HEAD_BYTES = 4096;

interface Head {
  readonly format: string;
  readonly version: number;
  readonly sealing: Sealing | null;
}

/**
 * The bytes of an archive: a first line that names format, version and encryption, then, compressed, one line for
 * each part. Documents stand as they are (`{…}`), everything else behind a `#`.
 */
export async function* archiveBytes(
  parts: AsyncIterable<ArchivePart>,
  passphrase: string | null,
): AsyncGenerator<Buffer> {
  const sealing = passphrase === null ? null : newSealing();
  yield Buffer.from(`${JSON.stringify({ format: FORMAT, version: VERSION, sealing } satisfies Head)}\n`);
  const packed = through(linesOf(parts), createGzip());
  yield* sealing && passphrase !== null ? seal(packed, sealing, passphrase) : packed;
}

async function* linesOf(parts: AsyncIterable<ArchivePart>): AsyncGenerator<string> {
  for await (const part of parts) {
    yield part.kind === 'document' ? `${part.line}\n` : `#${JSON.stringify(part)}\n`;
  }
}

/**
 * Reads an archive part by part, without ever holding more than one.
 * @throws AppError BAD_USER_INPUT when it is none, is damaged or cut off, is of a later format, or takes another passphrase
 */
export async function* readArchive(file: string, passphrase: string | null): AsyncGenerator<ArchivePart> {
  const { head, bytes } = await readHead(file);
  if (head.sealing && passphrase === null) throw refused('the archive is encrypted: give its passphrase');
  const sealed: AsyncIterable<Buffer> = createReadStream(file, { start: bytes });
  const packed = head.sealing && passphrase !== null ? unseal(sealed, head.sealing, passphrase) : sealed;
  const unpacked = through(packed, createGunzip());
  let ended = false;
  try {
    for await (const line of splitLines(unpacked)) {
      const part = partOf(line);
      ended = part.kind === 'end';
      yield part;
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw refused(`the archive is damaged: ${(cause as Error).message}`, cause);
  }
  if (!ended) throw refused('the archive is cut off');
}

/** The source transformed; what fails before it fails whoever reads it. */
function through(source: AsyncIterable<string | Buffer>, transform: Transform): AsyncIterable<Buffer> {
  // Told to the reader: the pipeline destroys the transform with the error.
  pipeline(Readable.from(source), transform).catch(() => undefined);
  return transform;
}

async function* splitLines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let held = '';
  for await (const bytes of source) {
    const lines = (held + decoder.write(bytes)).split('\n');
    held = lines.pop() ?? '';
    yield* lines;
  }
  if (held !== '') yield held;
}

async function readHead(file: string): Promise<{ head: Head; bytes: number }> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(LONGEST_HEAD_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, LONGEST_HEAD_BYTES, 0);
    const end = buffer.subarray(0, bytesRead).indexOf('\n');
    const head = parsed(buffer.subarray(0, Math.max(end, 0)).toString('utf8')) as Head | null;
    if (head?.format !== FORMAT) throw refused(`${file} is no backup of Fieldgate`);
    if (head.version !== VERSION)
      throw refused(`${file} is of format ${head.version}; this version reads ${VERSION}`);
    return { head, bytes: end + 1 };
  } finally {
    await handle.close();
  }
}

function partOf(line: string): ArchivePart {
  if (line.startsWith('{')) return { kind: 'document', line };
  const part = line.startsWith('#') ? parsed(line.slice(1)) : null;
  if (!part) throw refused('the archive is damaged: a line is neither a document nor a mark');
  return part as ArchivePart;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('BAD_USER_INPUT', message, { cause });
}
