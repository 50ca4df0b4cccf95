import { hash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import { CLIENT_SIGNATURE_ALGORITHMS } from '../tokens/signatureAlgorithms.js';
import { clientKeySet } from './clientKeys.js';

type AssertionDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'logger'>;

const LONGEST_ASSERTION_CHARACTERS = 8192;
const LONGEST_JTI_CHARACTERS = 512;
/** Some libraries ask for an hour; who wants longer could as well have a password. */
const LONGEST_LIFE_SECONDS = 3600;
/** How far a client's clock may be off. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** Without a type, or with one of these: every other kind of JWT that a client signs names itself. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'client-authentication+jwt']);

/**
 * Whom an assertion claims to be from, unproven: `sub` (RFC 7523 §3), so that a request needs no `client_id`.
 * @throws AppError INVALID_CLIENT when it tells nobody
 */
export function claimedClientOf(assertion: string): string {
  const { sub } = assertion.length > LONGEST_ASSERTION_CHARACTERS ? {} : unproven(assertion);
  if (typeof sub !== 'string' || sub === '') throw refusal('it names no client');
  return sub;
}

function unproven(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch (cause) {
    throw refusal('it is no JWT', cause);
  }
}

/**
 * Proves by a JWT that the client's own key has signed for one of our addresses (RFC 7523 §3, OpenID Connect Core §9),
 * once: a second use of its `jti` is refused as long as the first would do. Every audience must be ours, so that what
 * was made for two servers at once is no use to the other one.
 * @throws AppError INVALID_CLIENT; UNAVAILABLE when it cannot be told whether it was used
 */
export async function verifyClientAssertion(
  deps: AssertionDeps,
  client: Client,
  assertion: string,
  audiences: readonly string[],
): Promise<void> {
  const claims = await verify(deps, client, assertion);
  const now = deps.clock().getTime() / 1000;
  if (claims.iss !== client._id || claims.sub !== client._id) throw refusal('iss and sub are not the client');
  const meant = [claims.aud ?? []].flat();
  if (meant.length === 0 || !meant.every((one) => audiences.includes(one))) {
    throw refusal('its audience is not this server, or not this server alone');
  }
  const secondsLeft = (claims.exp ?? Number.POSITIVE_INFINITY) - now;
  if (secondsLeft > LONGEST_LIFE_SECONDS + CLOCK_TOLERANCE_SECONDS) throw refusal('it lives too long');
  if (claims.iat !== undefined && claims.iat > now + CLOCK_TOLERANCE_SECONDS)
    throw refusal('it is from the future');
  await assertFirstUse(deps, client, claims.jti, secondsLeft);
}

async function verify(deps: AssertionDeps, client: Client, assertion: string): Promise<JWTPayload> {
  const keys = await clientKeySet(deps, client);
  try {
    const { payload, protectedHeader } = await jwtVerify(assertion, keys, {
      algorithms: [...CLIENT_SIGNATURE_ALGORITHMS],
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'jti'],
      currentDate: deps.clock(),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
    if (!TYPES.has(type)) throw refusal('its type is of another use');
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) throw refusal(cause.message, cause);
    throw cause;
  }
}

async function assertFirstUse(
  deps: AssertionDeps,
  client: Client,
  jti: string | undefined,
  secondsLeft: number,
): Promise<void> {
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI_CHARACTERS) {
    throw refusal('its jti is unusable');
  }
  const key = `assertion:${hash('sha256', JSON.stringify([client._id, jti]), 'base64url')}`;
  const memorySeconds = Math.ceil(secondsLeft) + CLOCK_TOLERANCE_SECONDS + 1;
  if (!(await deps.ephemeral.setIfAbsent(key, '1', memorySeconds))) throw refusal('it was used before');
}

function refusal(reason: string, cause?: unknown): AppError {
  return new AppError('INVALID_CLIENT', `client assertion: ${reason}`, { cause });
}
