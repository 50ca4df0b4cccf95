import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../errors.js';
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

/** How often a decision may lose against decisions in other tabs. */
const MAX_TURNS = 50;

/** What tells a consent from the one before it was taken back; those of earlier releases have none. */
export const revisionOf = ({ revision = '' }: Consent): string => revision;

/**
 * Remembers a decision: what was asked for now is as decided now, earlier decisions on other scopes and claims stay.
 * Answers the revision of the consent.
 */
export async function rememberConsent(
  deps: Pick<Deps, 'audit' | 'clock' | 'models'>,
  decision: ConsentDecision,
  origin: RequestOrigin,
): Promise<string> {
  const { userId, clientId, granted, refused, refusedClaims = [] } = decision;
  let revision = await tryToRemember(deps, decision);
  for (let turns = 1; revision === null; turns += 1) {
    if (turns === MAX_TURNS)
      throw new AppError('UNAVAILABLE', `the consent of ${userId} changes all the time`);
    revision = await tryToRemember(deps, decision);
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
  return revision;
}

/** By one conditional update on what was read; null when somebody was faster. */
async function tryToRemember(
  { clock, models }: Pick<Deps, 'clock' | 'models'>,
  decision: ConsentDecision,
): Promise<string | null> {
  const { userId, clientId } = decision;
  const before = await findConsent({ models }, userId, clientId);
  const decided = { userId, clientId, ...mergeDecision(before, decision), grantedAt: clock() };
  if (before) {
    const { _id, scopes, refusedScopes, claims = null, refusedClaims = null, revision = null } = before;
    const asRead = { _id, scopes, refusedScopes, claims, refusedClaims, revision };
    const { matchedCount } = await models.consents.updateOne(asRead, { $set: decided });
    return matchedCount === 1 ? revisionOf(before) : null;
  }
  try {
    const revision = uuidv7();
    await models.consents.create({ _id: idOf(userId, clientId), ...decided, revision });
    return revision;
  } catch (error) {
    if (isDuplicateKey(error)) return null;
    throw error;
  }
}

function mergeDecision(before: Consent | null, decision: ConsentDecision) {
  const { granted, refused, grantedClaims = [], refusedClaims = [] } = decision;
  const without = (known: readonly string[] = [], ...decided: (readonly string[])[]) =>
    known.filter((one) => !decided.some((list) => list.includes(one)));
  // Whoever refuses a scope has not granted its claims by name, whatever they did before.
  const ofRefused = refused.flatMap((scope) => CLAIMS_OF_SCOPE.get(scope) ?? []);
  return {
    scopes: [...without(before?.scopes, granted, refused), ...granted],
    refusedScopes: [...without(before?.refusedScopes, granted, refused), ...refused],
    claims: [...without(before?.claims, grantedClaims, refusedClaims, ofRefused), ...grantedClaims],
    refusedClaims: [...without(before?.refusedClaims, grantedClaims, refusedClaims), ...refusedClaims],
  };
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
  // No earlier decision answers from here on; a code that is being redeemed finds itself revoked, and one that is just
  // being made of what was decided finds another revision, or none.
  await models.consents.updateOne(
    { _id: before._id },
    { $set: { scopes: [], refusedScopes: [], claims: [], refusedClaims: [], revision: uuidv7() } },
  );
  await models.authorizationCodes.updateMany({ userId, clientId }, { $set: { revokedAt: deps.clock() } });
  await models.deviceAuthorizations.updateMany({ userId, clientId }, { $set: { status: 'refused' } });
  await revokeFamilies(deps, { userId, clientId }, 'consent was revoked');
  const sessions = await models.sessions.find({ userId }).select('_id').lean<{ _id: string }[]>();
  await Promise.all(sessions.map(({ _id }) => deps.denylist.deny('sid', `${_id}:${clientId}`)));
  // Unless the person has decided anew meanwhile.
  await models.consents.deleteOne({ _id: before._id, scopes: [], refusedScopes: [] });
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
