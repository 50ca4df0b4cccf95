import { type Doc, decode, encode } from '../bson/value.js';

/** The largest message that is accepted, in bytes, as the server announces it. */
export const MAX_MESSAGE_BYTES = 48_000_000;

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Flags that a receiver may ignore are above bit 15. */
const REQUIRED_FLAGS = 0xffff;

/** One request of a client. */
export interface Request {
  readonly id: number;
  readonly body: Doc;
  readonly legacy: boolean;
  /** False for an unacknowledged write. */
  readonly wantsReply: boolean;
}

/** A message that breaks the protocol: the connection is closed. */
export class WireError extends Error {}

/**
 * Reads one whole message: OP_MSG, or OP_QUERY on `$cmd` as older handshakes send it. A checksum is not verified:
 * a unix socket loses nothing.
 * @throws WireError
 */
export function readRequest(message: Buffer): Request {
  const id = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP_MSG) return readMessage(message, id);
  if (opcode === OP_QUERY) return readQuery(message, id);
  throw new WireError(`unsupported opcode ${opcode}`);
}

function readMessage(message: Buffer, id: number): Request {
  if (message.length < 21) throw new WireError('the message is cut short');
  const flags = message.readUInt32LE(16);
  if ((flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0)
    throw new WireError('unknown required flag');
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let body: Doc | null = null;
  const sequences: Doc = {};
  for (let at = 20; at < end; ) {
    const kind = message[at++];
    const size = readSize(message, at, end);
    if (kind === 0) body = decode(message.subarray(at, at + size));
    else if (kind === 1) readSequence(message.subarray(at, at + size), sequences);
    else throw new WireError(`unknown section kind ${kind}`);
    at += size;
  }
  if (!body) throw new WireError('the message has no body');
  return { id, body: { ...body, ...sequences }, legacy: false, wantsReply: (flags & MORE_TO_COME) === 0 };
}

function readSize(message: Buffer, at: number, end: number): number {
  const size = at + 4 <= end ? message.readInt32LE(at) : 0;
  if (size < 5 || at + size > end) throw new WireError('a section is cut short');
  return size;
}

function readSequence(section: Buffer, into: Doc): void {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd === -1) throw new WireError('a document sequence has no name');
  const documents: Doc[] = [];
  for (let at = nameEnd + 1; at < section.length; ) {
    const size = readSize(section, at, section.length);
    documents.push(decode(section.subarray(at, at + size)));
    at += size;
  }
  into[section.toString('utf8', 4, nameEnd)] = documents;
}

function readQuery(message: Buffer, id: number): Request {
  const nameEnd = message.indexOf(0, 20);
  if (nameEnd === -1) throw new WireError('the query has no collection');
  const namespace = message.toString('utf8', 20, nameEnd);
  if (!namespace.endsWith('.$cmd')) throw new WireError('OP_QUERY is only accepted for commands');
  const at = nameEnd + 9;
  const body = decode(message.subarray(at, at + readSize(message, at, message.length)));
  return { id, body: { ...body, $db: namespace.slice(0, -5) }, legacy: true, wantsReply: true };
}

/** The bytes of an answer, in the opcode of its request. */
export function writeReply(request: Request, reply: Doc): Buffer {
  const body = encode(reply);
  const head = Buffer.alloc(request.legacy ? 36 : 21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(request.id, 8);
  head.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  // OP_REPLY: flags, cursor id, start, count of documents. OP_MSG: no flag, one section of kind 0.
  if (request.legacy) head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}
