import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { hasSecret, makeClientSecret, toStoredSecret } from './clientSecret.js';
import { changedMeanwhile, findEditable } from './editableClient.js';

const LONGEST_GRACE_SECONDS = 30 * 86_400;

/**
 * Gives a client a new secret, shown once. The ones before stop working at once, or after `graceSeconds`.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT, CONFLICT
 */
export async function rotateClientSecret(
  deps: Pick<Deps, 'audit' | 'clock' | 'models'>,
  { clientId, graceSeconds = 0 }: { clientId: string; graceSeconds?: number },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<{ client: Client; secret: string }> {
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > LONGEST_GRACE_SECONDS) {
    throw new AppError('BAD_USER_INPUT', `a grace of ${graceSeconds} seconds`, {
      path: ['graceSeconds'],
      publicMessage: `graceSeconds must be 0 to ${LONGEST_GRACE_SECONDS}`,
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
    after: { graceSeconds },
  });
  return { client: { ...updated, secrets: [] }, secret };
}
