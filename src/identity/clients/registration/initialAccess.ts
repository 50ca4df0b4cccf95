import { hash, randomBytes } from 'node:crypto';
import { AppError } from '../../../errors.js';
import type { Deps } from '../../deps.js';
import type { AuditActor, RequestOrigin } from '../../ports.js';

const TOKEN_BYTES = 32;
const MOST_USES = 1000;
const LONGEST_TTL_SECONDS = 90 * 86_400;

export const digestOf = (token: string): string => hash('sha256', token, 'base64url');
export const makeToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/**
 * Issues an initial access token (RFC 7591 §3), shown here once. @throws AppError BAD_USER_INPUT for uses or a lifetime
 * out of bounds, CONFLICT where nobody could use it
 */
export async function issueInitialAccessToken(
  deps: Pick<Deps, 'audit' | 'clock' | 'config' | 'models'>,
  { uses, ttlSeconds }: { uses: number; ttlSeconds: number },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<{ token: string; expiresAt: Date }> {
  assertBetween('uses', uses, MOST_USES);
  assertBetween('ttlSeconds', ttlSeconds, LONGEST_TTL_SECONDS);
  if (deps.config.registration.mode !== 'token') {
    throw new AppError('CONFLICT', `registration is ${deps.config.registration.mode}`, {
      publicMessage: 'Registration by initial access token is not switched on.',
    });
  }
  const token = makeToken();
  const expiresAt = new Date(deps.clock().getTime() + ttlSeconds * 1000);
  await deps.models.registrationTokens.create({
    _id: digestOf(token),
    usesLeft: uses,
    expiresAt,
    ...(actor.id ? { issuedBy: actor.id } : {}),
  });
  await deps.audit.record({
    action: 'registration.issueToken',
    outcome: 'success',
    actor,
    origin,
    objectType: 'RegistrationToken',
    after: { uses, expiresAt },
  });
  return { token, expiresAt };
}

/** Takes one use of the token, exactly one for each true. */
export async function useInitialAccessToken(
  { models, clock }: Pick<Deps, 'clock' | 'models'>,
  token: string,
): Promise<boolean> {
  const used = await models.registrationTokens.updateOne(
    { _id: digestOf(token), usesLeft: { $gt: 0 }, expiresAt: { $gt: clock() } },
    { $inc: { usesLeft: -1 } },
  );
  return used.modifiedCount === 1;
}

/** Gives a use back that led to no client. */
export async function returnInitialAccessToken(
  { models }: Pick<Deps, 'models'>,
  token: string,
): Promise<void> {
  await models.registrationTokens.updateOne({ _id: digestOf(token) }, { $inc: { usesLeft: 1 } });
}

function assertBetween(key: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new AppError('BAD_USER_INPUT', `${key} is ${value}`, {
    path: [key],
    publicMessage: `${key} must be 1 to ${most}`,
  });
}
