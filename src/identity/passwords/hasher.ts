import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import type { Config } from '../../config/schema.js';
import type { PasswordHasher } from '../deps.js';
import { matchHash } from './matchHash.js';
import { preparePassword } from './opaqueString.js';
import { type PasswordHash, parsePasswordHash } from './passwordHash.js';
import { createWorkQueue } from './workQueue.js';

/** The hasher with what its gauges show. */
export interface ObservedPasswordHasher extends PasswordHasher {
  queueState(): { running: number; waiting: number };
}

/** RFC 9106 §3.1: version 1.3. */
const ARGON2_VERSION = 0x13;

/**
 * argon2id with the configured parameters (OWASP's by default), at most `concurrency` hashes at a time in this
 * process and `queueLength` waiting. Every verification computes one hash at least: of the account, or, where there
 * is none or none that can be read, of a random password with the configured costs.
 */
export function createPasswordHasher(config: Config): ObservedPasswordHasher {
  const { memoryKiB, timeCost, parallelism, concurrency, queueLength } = config.passwords.argon2;
  const queue = createWorkQueue({ concurrency, queueLength });
  const costs = { memoryCost: memoryKiB, timeCost, parallelism, version: ARGON2_VERSION };

  const isCurrent = (hash: PasswordHash) =>
    hash.scheme === 'argon2' &&
    hash.variant === 'argon2id' &&
    hash.version === ARGON2_VERSION &&
    hash.memoryKiB === memoryKiB &&
    hash.timeCost === timeCost &&
    hash.parallelism === parallelism;

  /** The library sorts the costs by name; others expect the order of the PHC specification: m, t, p. */
  const inPhcOrder = (phc: string) => phc.replace(/\$(m=\d+),(p=\d+),(t=\d+)\$/, '$$$1,$3,$2$$');

  const spendTheSameTime = (password: string) =>
    argon2.hash(password, { ...costs, raw: true, salt: randomBytes(16) }).then(() => false);

  /** What may have been hashed: the prepared form, and for hashes made elsewhere what was typed, byte for byte. */
  const candidates = (hash: PasswordHash, typed: string, prepared: string) =>
    typed === prepared || isCurrent(hash) ? [prepared] : [prepared, typed];

  const prepare = (password: string): string | null => {
    try {
      return preparePassword(password);
    } catch {
      return null;
    }
  };

  return {
    queueState: () => queue.state(),

    hash: (password) => {
      const prepared = preparePassword(password);
      return queue.run(async () => inPhcOrder(await argon2.hash(prepared, costs)));
    },

    verify: (phc, password) =>
      queue.run(async () => {
        const prepared = prepare(password);
        const hash = phc === null ? null : parsePasswordHash(phc);
        if (hash === null || prepared === null) {
          return { matches: await spendTheSameTime(prepared ?? 'unusable'), needsRehash: false };
        }
        for (const candidate of candidates(hash, password, prepared)) {
          // One after the other: two at once would use two slots of the queue.
          if (await matchHash(hash, candidate)) return { matches: true, needsRehash: !isCurrent(hash) };
        }
        return { matches: false, needsRehash: false };
      }),
  };
}
