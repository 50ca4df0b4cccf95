import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { DeviceAuthorization } from '../../models/deviceAuthorization.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { findConsent } from '../consents.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { openSession } from '../sessions/sessionCap.js';
import { isSessionAlive, revokeSession } from '../sessions/sessions.js';
import { isInGoodStanding } from '../sessions/standing.js';
import { reachesDemanded } from '../signIn/demandedAcr.js';
import type { Confirmation } from '../tokens/accessToken.js';
import { issueUserTokens } from '../tokens/issueTokens.js';
import { type TokenSet } from '../tokens/tokenGrant.js';
import { idOfDeviceCode } from './startDeviceAuthorization.js';

type PollDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'ephemeral' | 'keys' | 'models' | 'policy' | 'secrets'
>;

/** RFC 8628 §3.5: by how much the interval grows with every poll that comes too soon. */
const SLOW_DOWN_SECONDS = 5;
/** A network that was slow for one poll and quick for the next is no offence. */
const JITTER_SECONDS = 1;

export interface DevicePoll {
  readonly deviceCode: string;
  readonly client: Client;
  /** What the request proved to have: the tokens are bound to it. */
  readonly sender: Confirmation | null;
}

/** What a device learns that gets no tokens: an error each of RFC 8628 §3.5. */
export type DeviceWait = 'pending' | 'tooSoon' | 'refused' | 'expired';

/**
 * One poll of a device. While nobody has decided it costs one read by primary key and one count in the ephemeral
 * store; only a poll that comes too soon is written down. The tokens are given once, by one conditional update, for a
 * session of the device's own, which is as strong and as old as the one in which the person said yes.
 * @throws AppError INVALID_GRANT for a code that is unknown, of another client, used, or approved by somebody who may
 * not act any more; LIMIT_EXCEEDED where the account has as many sessions as it may have, and no old one goes
 */
export async function pollDevice(
  deps: PollDeps,
  { deviceCode, client, sender }: DevicePoll,
  origin: RequestOrigin,
): Promise<{ readonly wait: DeviceWait } | { readonly tokens: TokenSet }> {
  const id = idOfDeviceCode(deviceCode);
  const waiting =
    id === null
      ? null
      : await deps.models.deviceAuthorizations
          .findOne({ _id: id, clientId: client._id })
          .lean<DeviceAuthorization>();
  if (!waiting || waiting.usedAt) {
    throw new AppError('INVALID_GRANT', 'the device code is unknown, of another client, or used');
  }
  if (waiting.expiresAt <= deps.clock()) return { wait: 'expired' };
  if (waiting.status === 'refused') return { wait: 'refused' };
  if (waiting.status === 'pending') return { wait: await pace(deps, waiting) };
  return { tokens: await redeem(deps, waiting._id, client, sender, origin) };
}

async function pace(
  deps: Pick<Deps, 'ephemeral' | 'models'>,
  { _id, intervalSeconds }: DeviceAuthorization,
): Promise<'pending' | 'tooSoon'> {
  const key = `device:poll:${_id}`;
  if (await deps.ephemeral.setIfAbsent(key, '1', intervalSeconds - JITTER_SECONDS)) return 'pending';
  const slower = await deps.models.deviceAuthorizations
    .findOneAndUpdate(
      { _id, status: 'pending' },
      { $inc: { intervalSeconds: SLOW_DOWN_SECONDS } },
      { returnDocument: 'after' },
    )
    .lean<DeviceAuthorization>();
  // "for this and all subsequent requests": the wait begins anew.
  if (slower) await deps.ephemeral.set(key, '1', slower.intervalSeconds - JITTER_SECONDS);
  return 'tooSoon';
}

async function redeem(
  deps: PollDeps,
  id: string,
  client: Client,
  sender: Confirmation | null,
  origin: RequestOrigin,
): Promise<TokenSet> {
  const now = deps.clock();
  const taken = await deps.models.deviceAuthorizations
    .findOneAndUpdate(
      { _id: id, clientId: client._id, status: 'approved', usedAt: null, expiresAt: { $gt: now } },
      { $set: { usedAt: now } },
      { returnDocument: 'after' },
    )
    .lean<DeviceAuthorization>();
  if (!taken) throw new AppError('INVALID_GRANT', 'the device code was used, or taken back, meanwhile');
  const issuedAtMilliseconds = deps.denylist.issuanceTimeMilliseconds({
    sub: taken.userId ?? '',
    clientId: client._id,
  });
  const { user, approvedIn } = await readApproval(deps, taken, client);
  const { amr, acr, authenticatedAt } = approvedIn;
  const consent = await findConsent(deps, user._id, client._id);
  const { session } = await openSession(
    deps,
    { user, clientId: client._id, amr, acr, authenticatedAt, withCookie: false },
    origin,
  );
  const tokens = await issueUserTokens(deps, {
    user,
    session,
    client,
    // What the client lost meanwhile is left out.
    scopes: taken.scopes.filter((scope) => client.scopes.includes(scope)),
    resources: taken.resources,
    authorizationDetails: taken.authorizationDetails ?? null,
    // The page for devices asks for scopes alone: claims that were left out elsewhere stay out.
    refusedClaims: consent?.refusedClaims ?? [],
    sender,
    withRefreshToken: taken.scopes.includes('offline_access'),
    issuedAtMilliseconds,
  });
  // A consent that was taken back meanwhile found no session to end.
  if (!(await deps.models.deviceAuthorizations.exists({ _id: id, status: 'approved' }))) {
    const actor = { kind: 'user', id: user._id, clientId: client._id } as const;
    await revokeSession(deps, session._id, 'consent was revoked', actor, origin);
    throw new AppError('INVALID_GRANT', 'the consent to the device was taken back meanwhile');
  }
  return tokens;
}

/** Who said yes, and in which session: both must still be as good as they were. */
async function readApproval(
  deps: Pick<Deps, 'clock' | 'config' | 'models' | 'policy'>,
  { userId, sessionId, decidedAt }: DeviceAuthorization,
  client: Client,
): Promise<{ user: User; approvedIn: Session }> {
  const [approvedIn, user] = await Promise.all([
    deps.models.sessions.findOne({ _id: sessionId ?? '' }).lean<Session>(),
    deps.models.users.findOne({ _id: userId ?? '' }).lean<User>(),
  ]);
  const now = deps.clock();
  if (!user || !isInGoodStanding(user, now)) {
    throw new AppError('INVALID_GRANT', `the user ${userId} who approved is gone, locked or disabled`);
  }
  if (!approvedIn || !isSessionAlive(approvedIn, now)) {
    throw new AppError('INVALID_GRANT', 'the session in which the device was approved is over');
  }
  const marks = [user.tokensValidAfter, client.tokensValidAfter];
  if (marks.some((mark) => mark && (!decidedAt || decidedAt <= mark))) {
    throw new AppError('INVALID_GRANT', 'the approval is from before all tokens were revoked');
  }
  if (!reachesDemanded(deps, user, approvedIn, client._id)) {
    throw new AppError('INVALID_GRANT', 'the device was approved in a session that is too weak for it');
  }
  return { user, approvedIn };
}
