import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { revokeTokens } from '../tokens/revokeTokens.js';
import { hasSecret, makeClientSecret, toStoredSecret } from './clientSecret.js';
import { changedMeanwhile, findEditable } from './editableClient.js';

const LONGEST_GRACE_SECONDS = 30 * 86_400;

export interface SecretRotation {
  readonly clientId: string;
  /** How long the newest secret before goes on working; absent: not at all. */
  readonly graceSeconds?: number;
  /** Also ends every token of the client: what whoever had the secret may have got. Absent: they live on. */
  readonly revokeTokens?: boolean;
}

/**
 * Gives a client a new secret, shown once. The ones before stop working at once, or after `graceSeconds`.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT, CONFLICT
 */
export async function rotateClientSecret(
  deps: Pick<Deps, 'audit' | 'clock' | 'denylist' | 'keys' | 'models'>,
  { clientId, graceSeconds = 0, revokeTokens: endTokens = false }: SecretRotation,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<{ client: Client; secret: string }> {
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > LONGEST_GRACE_SECONDS) {
    throw new AppError('BAD_USER_INPUT', `a grace of ${graceSeconds} seconds`, {
      path: ['graceSeconds'],
      publicMessage: `graceSeconds must be 0 to ${LONGEST_GRACE_SECONDS}`,
    });
  }
  if (endTokens && graceSeconds > 0) {
    throw new AppError('BAD_USER_INPUT', 'tokens are to end, the secret that gets new ones is not', {
      path: ['revokeTokens'],
      publicMessage: 'revokeTokens goes without graceSeconds: the old secret would get new tokens',
    });
  }
  const before = await findEditable(deps, clientId);
  if (!hasSecret(before)) {
    throw new AppError('BAD_USER_INPUT', `client ${clientId} has no secret`, {
      publicMessage: 'this client authenticates without a secret',
    });
  }
  const now = deps.clock();
  const secret = makeClientSecret();
  const graceEnd = new Date(now.getTime() + graceSeconds * 1000);
  // Only the newest secret gets the grace: two at once are enough to roll a change out.
  const newest = before.secrets.at(-1);
  const kept = graceSeconds > 0 && newest ? [{ ...newest, expiresAt: graceEnd }] : [];
  const updated = await deps.models.clients
    .findOneAndUpdate(
      { _id: clientId, declared: false, updatedAt: before.updatedAt },
      { $set: { secrets: [...kept, toStoredSecret(secret, now)] } },
      { returnDocument: 'after' },
    )
    .lean();
  if (!updated) throw changedMeanwhile(clientId);
  await deps.audit.record({
    action: 'client.rotateSecret',
    outcome: 'success',
    actor,
    origin,
    objectType: 'Client',
    objectId: clientId,
    fields: ['secrets'],
    after: { graceSeconds, revokeTokens: endTokens },
  });
  if (endTokens) await revokeTokens(deps, { kind: 'client', id: clientId }, actor, origin);
  return { client: { ...updated, secrets: [] }, secret };
}
