import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { destroySubjectKey } from '../audit/subjectKeys.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { revokeOtherSessions } from '../sessions/sessions.js';
import { revokeFamilies } from '../tokens/families.js';
import { changeUserKeepingAdministrator } from './administrators.js';
import { clearFailures } from './attempts.js';
import { type LetterDeps, notifyOwner, ownerOf, siteOf } from './letters.js';
import { assertPassword } from './ownPassword.js';
import { recordChange, type UserChange } from './userChange.js';

type DeletionDeps = LetterDeps & Pick<Deps, 'audit' | 'passwords' | 'metrics'>;

const SYSTEM: AuditActor = { kind: 'system' };
const NO_ORIGIN: RequestOrigin = { requestId: 'upkeep', address: '', userAgent: '' };

/**
 * Has an account deleted when the grace period ends. Until then it works as before, so that its owner can sign in
 * and cancel. Asking again does not extend the period.
 * @param input.password the owner's, when the owner asks; absent when an administrator does
 * @returns when it will be deleted
 * @throws AppError INVALID_CREDENTIALS, ACCOUNT_LOCKED, NOT_FOUND, CONFLICT (last active administrator)
 */
export async function scheduleDeletion(
  deps: DeletionDeps,
  { userId, password }: { userId: string; password?: string },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<Date> {
  if (password !== undefined) await assertPassword(deps, userId, password, 'user.scheduleDeletion', origin);
  const present = await deps.models.users.findById(userId).lean<User>();
  if (present?.deletionScheduledAt) return present.deletionScheduledAt;
  const at = new Date(deps.clock().getTime() + deps.config.accounts.deletionGraceSeconds * 1000);
  const change = await changeUserKeepingAdministrator(deps, userId, { deletionScheduledAt: at });
  const notice = mails.deletionScheduled({ site: siteOf(deps.config), at });
  notifyOwner(deps, 'deletionScheduled', ownerOf(change.after), notice);
  await recordChange(deps, 'user.scheduleDeletion', change, ['deletionScheduledAt'], actor, origin);
  return at;
}

/**
 * Keeps an account whose grace period still runs. Without a scheduled deletion nothing happens.
 * @throws AppError NOT_FOUND, CONFLICT when the period is over
 */
export async function cancelDeletion(
  deps: Pick<Deps, 'models' | 'clock' | 'audit'>,
  { userId }: { userId: string },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<User> {
  const { users } = deps.models;
  const before = await users.findById(userId).lean<User>();
  if (!before) throw new AppError('NOT_FOUND', `there is no user ${userId}`);
  if (!before.deletionScheduledAt) return before;
  // Only while the period runs: the purge takes accounts from that moment on, so the two never meet.
  const after = await users
    .findOneAndUpdate(
      { _id: userId, deletionScheduledAt: { $gt: deps.clock() } },
      { $unset: { deletionScheduledAt: 1 } },
      { returnDocument: 'after' },
    )
    .lean<User>();
  if (!after) {
    throw new AppError('CONFLICT', `the grace period of ${userId} is over`, {
      publicMessage: 'The account is being deleted.',
    });
  }
  const change: UserChange = { before, after };
  await recordChange(deps, 'user.cancelDeletion', change, ['deletionScheduledAt'], actor, origin);
  return after;
}

type PurgeDeps = Pick<Deps, 'models' | 'clock' | 'audit' | 'denylist' | 'logger'>;

/**
 * Deletes the accounts whose grace period is over, with their sessions, tokens, open links and the clients that they
 * registered. The audit trail keeps what they did and loses what is personal in it. Safe to run on every replica, and
 * to repeat after a crash: the account itself goes last.
 * @returns how many accounts are gone
 */
export async function purgeDueAccounts(deps: PurgeDeps): Promise<number> {
  const due = await deps.models.users
    .find({ deletionScheduledAt: { $lte: deps.clock() } })
    .select('_id')
    .limit(500)
    .lean<Pick<User, '_id'>[]>();
  let purged = 0;
  for (const { _id } of due) {
    try {
      if (await purge(deps, _id)) purged += 1;
    } catch (error) {
      // One account that resists must not keep the others.
      deps.logger.error({ userId: _id, reason: String(error) }, 'account was not purged');
    }
  }
  return purged;
}

async function purge(deps: PurgeDeps, userId: string): Promise<boolean> {
  const { models } = deps;
  // Nobody signs in any more, whatever the replicas are doing.
  await models.users.updateOne({ _id: userId }, { $set: { status: 'disabled' } });
  await revokeOtherSessions(deps, userId, null, 'account was deleted', SYSTEM, NO_ORIGIN);
  await removeOwnedClients(deps, userId);
  await models.refreshFamilies.deleteMany({ userId });
  await models.sessions.deleteMany({ userId });
  await models.confirmations.deleteMany({ userId });
  await models.consents.deleteMany({ userId });
  await models.authorizationCodes.deleteMany({ userId });
  await models.knownDevices.deleteMany({ userId });
  await models.assistedRecoveries.deleteMany({ userId });
  await models.factors.deleteMany({ userId });
  await models.recoveryCodes.deleteMany({ userId });
  await models.trustedDevices.deleteMany({ userId });
  await models.signInTransactions.deleteMany({ userId });
  await clearFailures(deps, userId);
  await destroySubjectKey(deps, userId);
  const { deletedCount } = await models.users.deleteOne({ _id: userId });
  if (deletedCount === 0) return false;
  await deps.audit.record({
    action: 'user.delete',
    outcome: 'success',
    actor: SYSTEM,
    objectType: 'User',
    objectId: userId,
    reason: 'grace period is over',
  });
  return true;
}

/** Clients that a user registered have nobody to answer for them any more. */
async function removeOwnedClients(deps: PurgeDeps, ownerId: string): Promise<void> {
  const owned = await deps.models.clients.find({ ownerId }).select('_id').lean<{ _id: string }[]>();
  for (const { _id: clientId } of owned) {
    await deps.denylist.deny('client', clientId);
    await revokeFamilies(deps, { clientId }, 'client was deleted');
    await deps.models.consents.deleteMany({ clientId });
    await deps.models.clients.deleteOne({ _id: clientId });
    await deps.audit.record({
      action: 'client.delete',
      outcome: 'success',
      actor: SYSTEM,
      objectType: 'Client',
      objectId: clientId,
      reason: 'its owner was deleted',
    });
  }
}
