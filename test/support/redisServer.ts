import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const PROGRAM = '/usr/bin/redis-server';

export interface RedisServer {
  url: string;
  stop(): Promise<void>;
  /** Again, on the same address, empty. */
  start(): Promise<void>;
  /** Connections stay open and nothing answers (SIGSTOP), until `thaw`. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

export function hasRedisServer(): boolean {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real Redis of one's own on a unix socket, to be stopped and started at will. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldgate-redis-'));
  const socket = join(folder, 'redis.sock');
  let server: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    server = spawn(PROGRAM, ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], {
      stdio: 'ignore',
    });
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (await accepts(socket)) return;
      await setTimeout(25);
    }
    throw new Error('redis-server did not start');
  };
  const stop = async (): Promise<void> => {
    if (!server || server.exitCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
    server = null;
  };

  await start();
  return {
    url: socket,
    start,
    stop,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function accepts(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
