import { type Challenge, createChallenge, type Payload, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import type { Deps } from '../../deps.js';

const ALGORITHM = 'PBKDF2/SHA-256';
const TTL_SECONDS = 600;
/** Base64 of a solution has some 500 characters. */
const LONGEST_SOLUTION = 4096;

type ProofOfWorkDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'secrets'>;

/** A task that a browser solves by trying, in about a second; nobody else is asked. Signed, so nothing is kept of it. */
export function makeTask(deps: ProofOfWorkDeps): Promise<Challenge> {
  return createChallenge({
    algorithm: ALGORITHM,
    cost: deps.config.captcha.proofOfWorkCost,
    deriveKey,
    expiresAt: Math.floor(deps.clock().getTime() / 1000) + TTL_SECONDS,
    hmacSignatureSecret: secretOf(deps),
  });
}

/** Whether this is a solution, in base64 of JSON as ALTCHA's widget sends it, of a task of ours. Each is taken once. */
export async function isSolved(deps: ProofOfWorkDeps, solution: string): Promise<boolean> {
  const payload = read(solution);
  if (!payload) return false;
  const { challenge } = payload;
  // Before the derivation, which a stranger must not choose the cost of: only our own signature passes to it.
  if (challenge.parameters.algorithm !== ALGORITHM) return false;
  const expiresAt = challenge.parameters.expiresAt ?? 0;
  if (expiresAt * 1000 <= deps.clock().getTime()) return false;
  const { verified } = await verifySolution({
    challenge,
    solution: payload.solution,
    deriveKey,
    hmacSignatureSecret: secretOf(deps),
  }).catch(() => ({ verified: false }));
  return verified && deps.ephemeral.setIfAbsent(`captcha:${challenge.signature}`, '1', TTL_SECONDS);
}

function read(solution: string): Payload | null {
  if (solution.length > LONGEST_SOLUTION) return null;
  try {
    const payload = JSON.parse(Buffer.from(solution, 'base64').toString('utf8')) as Partial<Payload> | null;
    const { challenge, solution: solved } = payload ?? {};
    if (typeof challenge?.parameters !== 'object' || challenge.parameters === null || !solved) return null;
    return { challenge, solution: solved };
  } catch {
    return null;
  }
}

function secretOf(deps: Pick<Deps, 'secrets'>): string {
  return Buffer.from(deps.secrets.derive('captcha task')).toString('base64url');
}
