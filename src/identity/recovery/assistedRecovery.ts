import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import type { AssistedRecovery } from '../../models/assistedRecovery.js';
import type { User } from '../../models/user.js';
import { clearFailures } from '../accounts/attempts.js';
import { helpWithReset } from '../accounts/helpedReset.js';
import { type LetterDeps, notifyOwner, ownerOf, siteOf } from '../accounts/letters.js';
import { voidProofs } from '../accounts/oneTimeProof.js';
import { forgetKnownDevices } from '../defence/knownDevices.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { takeFactorsAndSessions } from './takeBack.js';

type RecoveryDeps = LetterDeps & Pick<Deps, 'audit' | 'denylist'>;

const TTL_SECONDS = 86_400;
const LONGEST_REASON = 500;

/** What an approval gives: the link is for the owner, and shown once. */
export interface ApprovedRecovery {
  readonly url: string;
  readonly expiresAt: Date;
  readonly removedFactors: number;
}

/**
 * The first of two people: says that the owner was recognised, and how. Changes nothing but that the owner is written
 * to, at every contact that is left. @throws AppError FORBIDDEN for the own account, BAD_USER_INPUT without a reason,
 * CONFLICT without a contact
 */
export async function requestAssistedRecovery(
  deps: RecoveryDeps,
  { owner, reason: typed }: { readonly owner: User; readonly reason: string },
  by: AuditActor,
  origin: RequestOrigin,
): Promise<AssistedRecovery> {
  const requestedBy = administratorOf(by, owner);
  assertReachable(owner);
  const reason = typed.trim().slice(0, LONGEST_REASON);
  if (reason === '') {
    throw new AppError('BAD_USER_INPUT', 'no reason for a recovery', {
      path: ['reason'],
      publicMessage: 'Say how the owner was recognised.',
    });
  }
  const recovery = await deps.models.assistedRecoveries.create({
    _id: uuidv7(),
    userId: owner._id,
    requestedBy,
    reason,
    expiresAt: new Date(deps.clock().getTime() + TTL_SECONDS * 1000),
  });
  await note(deps, 'user.requestAssistedRecovery', owner, recovery._id, by, origin, reason);
  const notice = mails.recoveryRequested({ site: siteOf(deps.config) });
  notifyOwner(deps, 'recoveryRequested', ownerOf(owner), notice);
  return recovery.toObject();
}

/**
 * The second of two people, who is not the first: ends every session, removes every factor and the password, and
 * answers a password link to hand over. Of any number of approvals exactly one works. From then on the cooldown runs.
 * @throws AppError FORBIDDEN for the own account or the own request, NOT_FOUND when none is open, CONFLICT without a
 * contact that the link could be bound to
 */
export async function approveAssistedRecovery(
  deps: RecoveryDeps,
  { owner, requestId }: { readonly owner: User; readonly requestId: string },
  by: AuditActor,
  origin: RequestOrigin,
): Promise<ApprovedRecovery> {
  const approvedBy = administratorOf(by, owner);
  assertReachable(owner);
  const now = deps.clock();
  const open = { _id: requestId, userId: owner._id, approvedAt: null, expiresAt: { $gt: now } };
  const approved = await deps.models.assistedRecoveries
    .findOneAndUpdate(
      { ...open, requestedBy: { $ne: approvedBy } },
      { $set: { approvedAt: now, approvedBy } },
    )
    .lean<AssistedRecovery>();
  if (!approved) throw await refusal(deps, open, owner, by, origin);
  await note(deps, 'user.approveAssistedRecovery', owner, requestId, by, origin, approved.reason);
  // The password with the factors: whoever knows it was kept out by them alone. Before the sessions, so that none is
  // opened by what was proved until now.
  await deps.models.users.updateOne(
    { _id: owner._id },
    { $set: { recoveredAt: now, passwordChangedAt: now }, $unset: { passwordHash: 1 } },
  );
  await voidProofs(deps, owner._id);
  const removedFactors = await takeFactorsAndSessions(deps, owner, 'account was recovered', {
    actor: by,
    origin,
  });
  await forgetKnownDevices(deps, owner._id);
  await clearFailures(deps, owner._id);
  const link = await helpWithReset(deps, { userId: owner._id, handOver: true }, by, origin);
  if (!('url' in link)) throw new AppError('INTERNAL', 'a link to hand over was sent instead');
  return { ...link, removedFactors };
}

async function refusal(
  deps: RecoveryDeps,
  open: object,
  owner: User,
  by: AuditActor,
  origin: RequestOrigin,
): Promise<AppError> {
  const isOwnRequest = (await deps.models.assistedRecoveries.exists(open)) !== null;
  await deps.audit.record({
    action: 'user.approveAssistedRecovery',
    outcome: 'denied',
    actor: by,
    origin,
    objectType: 'User',
    objectId: owner._id,
    reason: isOwnRequest ? 'the approver is the requester' : 'no such request is open',
  });
  if (!isOwnRequest) {
    return new AppError('NOT_FOUND', `no recovery of user ${owner._id} is open under this id`);
  }
  return new AppError('FORBIDDEN', `${by.id} approves their own request`, {
    publicMessage: 'Somebody else must approve what you have asked for.',
  });
}

/** The link at the end is bound to a contact. @throws AppError CONFLICT */
function assertReachable(owner: User): void {
  if (ownerOf(owner)) return;
  throw new AppError('CONFLICT', `user ${owner._id} has no contact that a link could be bound to`, {
    publicMessage: 'The account has neither an e-mail address nor a phone number.',
  });
}

/** @throws AppError FORBIDDEN: nobody recovers their own account, and no program anybody's */
function administratorOf(by: AuditActor, owner: User): string {
  if (by.kind === 'user' && by.id && by.id !== owner._id) return by.id;
  throw new AppError('FORBIDDEN', `${by.kind} ${by.id} recovers user ${owner._id}`, {
    publicMessage: 'Two other people must do this.',
  });
}

function note(
  deps: RecoveryDeps,
  action: string,
  owner: User,
  requestId: string,
  actor: AuditActor,
  origin: RequestOrigin,
  reason: string,
): Promise<void> {
  const object = { objectType: 'User', objectId: owner._id };
  return deps.audit.record({
    action,
    outcome: 'success',
    actor,
    origin,
    ...object,
    reason,
    after: { requestId },
  });
}
