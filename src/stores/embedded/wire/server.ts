import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Doc } from '../bson/value.js';
import { MAX_MESSAGE_BYTES, type Request, readRequest, WireError, writeReply } from './message.js';

/** Answers one request; never rejects. */
export type RequestHandler = (body: Doc, connectionId: number) => Promise<Doc>;

export interface WireServer {
  close(): Promise<void>;
}

/** Listens on a unix socket that only the owner may open (mode 0600). */
export async function listen(socketPath: string, handle: RequestHandler): Promise<WireServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, ++connections, handle);
  });
  await listening(server, socketPath);
  chmodSync(socketPath, 0o600);
  return { close: () => closing(server, sockets) };
}

function listening(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The mask keeps the socket closed to others until its mode is set.
    const mask = process.umask(0o177);
    server.listen(socketPath, resolve);
    process.umask(mask);
  });
}

function closing(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

function serve(socket: Socket, connectionId: number, handle: RequestHandler): void {
  let chunks: Buffer[] = [];
  let size = 0;
  // One after the other, as a client expects of one connection.
  let queue = Promise.resolve();
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < wanted(chunks)) return;
    const { messages, rest } = split(Buffer.concat(chunks));
    if (!rest) {
      socket.destroy();
      return;
    }
    chunks = rest.length > 0 ? [rest] : [];
    size = rest.length;
    for (const message of messages)
      queue = queue
        .then(() => answer(socket, connectionId, message, handle))
        .catch(() => void socket.destroy());
  });
}

/** How many bytes to wait for; an impossible length is not waited for but refused at once. */
function wanted(chunks: readonly Buffer[]): number {
  const first = chunks[0];
  if (!first || first.length < 4) return 16;
  const length = first.readInt32LE(0);
  return length > MAX_MESSAGE_BYTES ? 0 : length;
}

function split(bytes: Buffer): { messages: Buffer[]; rest: Buffer | null } {
  const messages: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = bytes.readInt32LE(at);
    if (length < 16 || length > MAX_MESSAGE_BYTES) return { messages, rest: null };
    if (bytes.length - at < length) break;
    messages.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { messages, rest: bytes.subarray(at) };
}

async function answer(
  socket: Socket,
  connectionId: number,
  message: Buffer,
  handle: RequestHandler,
): Promise<void> {
  let request: Request;
  try {
    request = readRequest(message);
  } catch (error) {
    socket.destroy(error instanceof WireError ? undefined : (error as Error));
    return;
  }
  const reply = await handle(request.body, connectionId);
  if (request.wantsReply && !socket.destroyed) socket.write(writeReply(request, reply));
}
