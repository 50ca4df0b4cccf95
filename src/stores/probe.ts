import { Redis } from 'ioredis';
import type { Connection } from 'mongoose';
import { AppError } from '../errors.js';

/** How a server answers, and how far its clock is ahead of this process; negative: behind. */
export interface Probe {
  readonly latencyMilliseconds: number;
  readonly skewMilliseconds: number;
}

const ROUNDS = 5;
const TIMEOUT_MILLISECONDS = 3000;

/** @throws AppError UNAVAILABLE */
export async function probeMongo(connection: Connection): Promise<Probe> {
  const { db } = connection;
  if (!db) throw new AppError('UNAVAILABLE', 'MongoDB is not connected');
  return probe(async () => ((await db.command({ hello: 1 }))['localTime'] as Date).getTime());
}

/** @throws AppError UNAVAILABLE */
export async function probeRedis(url: string): Promise<Probe> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: TIMEOUT_MILLISECONDS,
    commandTimeout: TIMEOUT_MILLISECONDS,
    retryStrategy: () => null,
  });
  // What fails is told by the command that fails.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await probe(async () => {
      const [seconds, microseconds] = await redis.time();
      return Number(seconds) * 1000 + Number(microseconds) / 1000;
    });
  } catch (cause) {
    throw new AppError('UNAVAILABLE', `Redis does not answer: ${(cause as Error).message}`, { cause });
  } finally {
    redis.disconnect();
  }
}

/** The quickest of a few rounds: its answer was made in the middle of it, as nearly as can be known. */
async function probe(ask: () => Promise<number>): Promise<Probe> {
  let best: Probe = { latencyMilliseconds: Number.POSITIVE_INFINITY, skewMilliseconds: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const sentAt = Date.now();
    const startedAt = performance.now();
    const theirs = await ask();
    const latencyMilliseconds = performance.now() - startedAt;
    if (latencyMilliseconds >= best.latencyMilliseconds) continue;
    best = { latencyMilliseconds, skewMilliseconds: theirs - (sentAt + latencyMilliseconds / 2) };
  }
  return best;
}
