import type { Consent } from '../models/consent.js';
import { isDuplicateKey } from '../models/duplicateKey.js';
import { CLAIMS_OF_SCOPE } from './authorization/claimsRequest.js';
import type { Deps } from './deps.js';
import type { AuditActor, RequestOrigin } from './ports.js';
import { revokeFamilies } from './tokens/families.js';

const idOf = (userId: string, clientId: string) => `${userId}:${clientId}`;

/** What the person decided for the client before. */
export function findConsent(
  deps: Pick<Deps, 'models'>,
  userId: string,
  clientId: string,
): Promise<Consent | null> {
  return deps.models.consents.findOne({ _id: idOf(userId, clientId) }).lean<Consent>();
}

/** What was asked for, and what of it was granted. Claims by name, whether a scope or the client named them. */
export interface ConsentDecision {
  readonly userId: string;
  readonly clientId: string;
  readonly granted: readonly string[];
  readonly refused: readonly string[];
  readonly grantedClaims?: readonly string[];
  readonly refusedClaims?: readonly string[];
}

/** Remembers a decision: what was asked for now is as decided now, earlier decisions on other scopes and claims stay. */
export async function rememberConsent(
  deps: Pick<Deps, 'audit' | 'clock' | 'models'>,
  decision: ConsentDecision,
  origin: RequestOrigin,
): Promise<void> {
  const { userId, clientId, granted, refused, grantedClaims = [], refusedClaims = [] } = decision;
  const before = await findConsent(deps, userId, clientId);
  const asked = new Set([...granted, ...refused]);
  const askedClaims = new Set([...grantedClaims, ...refusedClaims]);
  const kept = (scopes: readonly string[] = []) => scopes.filter((scope) => !asked.has(scope));
  const keptClaims = (claims: readonly string[] = []) => claims.filter((claim) => !askedClaims.has(claim));
  // Whoever refuses a scope has not granted its claims by name, whatever they did before.
  const ofRefused = new Set(refused.flatMap((scope) => CLAIMS_OF_SCOPE.get(scope) ?? []));
  const write = () =>
    deps.models.consents.updateOne(
      { _id: idOf(userId, clientId) },
      {
        $set: {
          userId,
          clientId,
          scopes: [...kept(before?.scopes), ...granted],
          refusedScopes: [...kept(before?.refusedScopes), ...refused],
          claims: [...keptClaims(before?.claims).filter((claim) => !ofRefused.has(claim)), ...grantedClaims],
          refusedClaims: [...keptClaims(before?.refusedClaims), ...refusedClaims],
          grantedAt: deps.clock(),
        },
      },
      { upsert: true },
    );
  try {
    await write();
  } catch (error) {
    // Another tab was first: now it is there to be updated.
    if (!isDuplicateKey(error)) throw error;
    await write();
  }
  await deps.audit.record({
    action: 'consent.grant',
    outcome: 'success',
    actor: { kind: 'user', id: userId, clientId },
    origin,
    objectType: 'Client',
    objectId: clientId,
    after: { scopes: granted, refused, refusedClaims },
  });
}

/**
 * Takes back what a person lets a client do: the decision, codes under way, refresh families and access tokens.
 * True when there was a decision. Safe to repeat after a crash: the decision goes last.
 */
export async function revokeConsent(
  deps: Pick<Deps, 'audit' | 'clock' | 'denylist' | 'models'>,
  { userId, clientId }: { userId: string; clientId: string },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<boolean> {
  const { models } = deps;
  const before = await findConsent(deps, userId, clientId);
  if (!before) return false;
  // No earlier decision answers from here on; a code that is being redeemed finds itself revoked.
  await models.consents.updateOne(
    { _id: before._id },
    { $set: { scopes: [], refusedScopes: [], claims: [], refusedClaims: [] } },
  );
  await models.authorizationCodes.updateMany({ userId, clientId }, { $set: { revokedAt: deps.clock() } });
  await models.deviceAuthorizations.updateMany({ userId, clientId }, { $set: { status: 'refused' } });
  await revokeFamilies(deps, { userId, clientId }, 'consent was revoked');
  const sessions = await models.sessions.find({ userId }).select('_id').lean<{ _id: string }[]>();
  await Promise.all(sessions.map(({ _id }) => deps.denylist.deny('sid', `${_id}:${clientId}`)));
  await models.consents.deleteOne({ _id: before._id });
  await deps.audit.record({
    action: 'consent.revoke',
    outcome: 'success',
    actor,
    origin,
    objectType: 'Client',
    objectId: clientId,
    before: { scopes: before.scopes },
  });
  return true;
}
