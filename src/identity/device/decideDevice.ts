import { AppError } from '../../errors.js';
import type { DeviceAuthorization } from '../../models/deviceAuthorization.js';
import type { Session } from '../../models/session.js';
import { rememberConsent } from '../consents.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { consume } from '../rateLimits.js';
import { digestUserCode } from './userCode.js';

type LookDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'models' | 'secrets'>;

/**
 * The device that waits under a user code; null when there is none, whatever the reason. Each look counts against the
 * person, however many sessions and addresses they have: codes are short (RFC 8628 §5.1).
 * @throws AppError RATE_LIMITED
 */
export async function findWaitingDevice(
  deps: LookDeps,
  userCode: string,
  userId: string,
): Promise<DeviceAuthorization | null> {
  const { exceeded, resetSeconds } = await consume(deps, 'userCode', `user:${userId}`);
  if (exceeded) {
    throw new AppError('RATE_LIMITED', `user ${userId} tries user codes`, {
      publicMessage: 'Too many codes were tried. Please wait a little, then try again.',
      retryAfterSeconds: resetSeconds,
    });
  }
  return deps.models.deviceAuthorizations
    .findOne({
      userCodeHash: digestUserCode(deps, userCode),
      status: 'pending',
      expiresAt: { $gt: deps.clock() },
    })
    .lean<DeviceAuthorization>();
}

export interface DeviceDecision {
  readonly authorization: DeviceAuthorization;
  readonly session: Session;
  /** What the person grants of what was asked for; empty: they refuse. */
  readonly granted: readonly string[];
  /** Of the entries of `authorization_details`; absent: none. */
  readonly grantedDetails?: readonly Record<string, unknown>[];
}

/**
 * The person's yes or no, once: one conditional update. A yes is remembered as consent, so that it is among their
 * connected apps. @throws AppError CODE_INVALID when it was decided before, or is over
 */
export async function decideDevice(
  deps: Pick<Deps, 'audit' | 'clock' | 'models'>,
  { authorization, session, granted, grantedDetails = [] }: DeviceDecision,
  origin: RequestOrigin,
): Promise<void> {
  const { _id, clientId, scopes, address } = authorization;
  const { userId } = session;
  const now = deps.clock();
  const given = scopes.filter((scope) => granted.includes(scope));
  const isApproved = given.length > 0;
  const decided = await deps.models.deviceAuthorizations.updateOne(
    { _id, status: 'pending', expiresAt: { $gt: now } },
    {
      $set: {
        status: isApproved ? 'approved' : 'refused',
        userId,
        sessionId: session._id,
        decidedAt: now,
        ...(isApproved && { scopes: given, authorizationDetails: [...grantedDetails] }),
      },
    },
  );
  if (decided.modifiedCount !== 1)
    throw new AppError('CODE_INVALID', 'the device was decided upon, or is over');
  if (isApproved) {
    const refused = scopes.filter((scope) => !given.includes(scope));
    await rememberConsent(deps, { userId, clientId, granted: given, refused }, origin);
  }
  await deps.audit.record({
    action: isApproved ? 'device.approve' : 'device.refuse',
    outcome: 'success',
    actor: { kind: 'user', id: userId, clientId, sessionId: session._id },
    origin,
    objectType: 'Client',
    objectId: clientId,
    after: { scopes: isApproved ? given : [], deviceAddress: address },
  });
}
