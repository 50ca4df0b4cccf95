import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const PROGRAMS = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx', '/opt/homebrew/bin/nginx'];

export interface ProxyOptions {
  /** Empty, and removed by the caller. */
  readonly folder: string;
  readonly port: number;
  readonly replicaPorts: readonly [number, number];
  readonly certificate: { readonly cert: string; readonly key: string };
}

/** The path of nginx on this machine; undefined where there is none. */
export function nginxProgram(): string | undefined {
  return PROGRAMS.find((program) => {
    try {
      accessSync(program, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** nginx with the configuration of `deploy/proxy/`, where only addresses and paths are replaced. Returns its end. */
export async function startProxy(options: ProxyOptions): Promise<() => Promise<void>> {
  const { folder, port, replicaPorts, certificate } = options;
  const settings = readFileSync('deploy/proxy/nginx.conf', 'utf8')
    .replace('fieldgate-1:3000', `127.0.0.1:${replicaPorts[0]}`)
    .replace('fieldgate-2:3000', `127.0.0.1:${replicaPorts[1]}`)
    .replace('listen 8443 ssl', `listen 127.0.0.1:${port} ssl`)
    // A directive of nginx 1.25 that distributions do not have yet.
    .replace('http2 on;', '')
    .replace('/certificates/cert.pem', certificate.cert)
    .replace('/certificates/key.pem', certificate.key)
    .replace('/tmp/nginx.pid', join(folder, 'nginx.pid'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, settings);
  const arguments_ = ['-c', file, '-p', folder, '-g', 'daemon off;'];
  const nginx = spawn(nginxProgram() ?? 'nginx', arguments_, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  nginx.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended:\n${errors}`);
    if (await accepts(port)) return () => stop(nginx);
    await setTimeout(50);
  }
  await stop(nginx);
  throw new Error(`nginx does not listen:\n${errors}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function stop(nginx: ChildProcess): Promise<void> {
  if (nginx.exitCode !== null || nginx.signalCode !== null) return;
  const ended = once(nginx, 'exit');
  nginx.kill('SIGTERM');
  await ended;
}
