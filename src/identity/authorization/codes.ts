import { hash, randomBytes } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { AuthorizationCode } from '../../models/authorizationCode.js';
import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { touchSession } from '../sessions/sessions.js';
import type { Confirmation } from '../tokens/accessToken.js';
import { revokeFamily } from '../tokens/families.js';
import { issueUserTokens } from '../tokens/issueTokens.js';
import { parseRefreshToken } from '../tokens/refreshTokenFormat.js';
import { senderKeyText } from '../tokens/senderKey.js';
import { narrowResources, tokenTarget } from '../tokens/target.js';
import { type TokenSet } from '../tokens/tokenGrant.js';
import { readCodeOwner } from './codeOwner.js';
import type { AuthorizationRequest, Granted } from './request.js';

/** RFC 6749 §4.1.2 recommends at most ten minutes; a browser needs seconds. */
export const CODE_TTL_SECONDS = 60;
/** How long a second use is recognised. */
const MEMORY_SECONDS = 86_400;
const CODE_BYTES = 32;
const CODE_FORM = /^[A-Za-z0-9_-]{43}$/;
/** RFC 7636 §4.1. */
const VERIFIER_FORM = /^[A-Za-z0-9._~-]{43,128}$/;

type CodeDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'keys' | 'models' | 'policy' | 'secrets'
>;

/** Makes the code that answers a request. It has 256 random bits and is stored as a digest only. */
export async function issueAuthorizationCode(
  deps: Pick<Deps, 'audit' | 'clock' | 'models'>,
  request: AuthorizationRequest,
  { session, granted }: { session: Session; granted: Granted },
  origin: RequestOrigin,
): Promise<string> {
  const code = randomBytes(CODE_BYTES).toString('base64url');
  const now = deps.clock().getTime();
  const { clientId, redirectUri, codeChallenge, nonce, resources = [], claims, senderKey } = request;
  const { scopes, refusedClaims, authorizationDetails, consentRevision } = granted;
  await deps.models.authorizationCodes.create({
    _id: digest(code),
    clientId,
    userId: session.userId,
    sessionId: session._id,
    redirectUri,
    codeChallenge,
    scopes: [...scopes],
    resources: [...resources],
    refusedClaims: [...refusedClaims],
    ...(nonce === undefined ? {} : { nonce }),
    ...(claims === undefined ? {} : { claims }),
    ...(authorizationDetails.length === 0 ? {} : { authorizationDetails: [...authorizationDetails] }),
    ...(senderKey === undefined ? {} : { senderKey }),
    ...(consentRevision === undefined ? {} : { consentRevision }),
    expiresAt: new Date(now + CODE_TTL_SECONDS * 1000),
    removeAt: new Date(now + MEMORY_SECONDS * 1000),
  });
  deps.audit.recordSoon({
    action: 'authorization.grant',
    outcome: 'success',
    actor: { kind: 'user', id: session.userId, clientId, sessionId: session._id },
    origin,
    objectType: 'Client',
    objectId: clientId,
  });
  return code;
}

export interface CodeRedemption {
  readonly code: string;
  readonly client: Client;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  /** RFC 8707 §2.2: those that the access token shall be for; absent or empty: all that were granted. */
  readonly resources?: readonly string[];
  /** What the request proved to have; a code that is bound to a key demands that key (RFC 9449 §10). */
  readonly sender?: Confirmation | null;
}

/**
 * Exchanges a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.6), once: one conditional update on everything that the
 * code is bound to. A second use by its client revokes what the first gave, also what it is just being given
 * (RFC 6749 §4.1.2). A refresh token only with `offline_access`. A wrong resource costs the code nothing.
 * @throws AppError INVALID_GRANT, INVALID_SCOPE, INVALID_TARGET
 */
export async function redeemAuthorizationCode(
  deps: CodeDeps,
  redemption: CodeRedemption,
  origin: RequestOrigin,
): Promise<TokenSet> {
  const { client, sender = null } = redemption;
  await assertTarget(deps, redemption);
  const code = await takeCode(deps, redemption, origin);
  const issuedAtMilliseconds = deps.denylist.issuanceTimeMilliseconds({
    sid: code.sessionId,
    sub: code.userId,
    clientId: client._id,
  });
  const { session, user } = await readCodeOwner(deps, code, client);
  await touchSession(deps, session);
  const tokens = await issueUserTokens(deps, {
    user,
    session,
    client,
    // What the client lost meanwhile is left out.
    scopes: code.scopes.filter((scope) => client.scopes.includes(scope)),
    resources: code.resources ?? [],
    requestedResources: redemption.resources ?? [],
    authorizationDetails: code.authorizationDetails ?? null,
    claims: code.claims ?? null,
    refusedClaims: code.refusedClaims ?? [],
    withRefreshToken: code.scopes.includes('offline_access'),
    issuedAtMilliseconds,
    sender,
    ...(code.nonce ? { nonce: code.nonce } : {}),
  });
  await noteGiven(deps, code, tokens);
  return tokens;
}

/**
 * What is wrong with the resources of a request is said before its code is used up; only to whom the code would be
 * given. @throws AppError INVALID_TARGET
 */
async function assertTarget(
  { clock, config, models }: Pick<Deps, 'clock' | 'config' | 'models'>,
  redemption: CodeRedemption,
): Promise<void> {
  const { client, code, codeVerifier, resources = [] } = redemption;
  // Without resources there is nothing that could be wrong.
  if (config.resources.length === 0 && resources.length === 0) return;
  if (!CODE_FORM.test(code) || !VERIFIER_FORM.test(codeVerifier)) return;
  const waiting = await models.authorizationCodes
    .findOne(openCode(redemption, clock()))
    .lean<AuthorizationCode>();
  if (!waiting) return;
  const granted = {
    resources: waiting.resources ?? [],
    scopes: waiting.scopes.filter((scope) => client.scopes.includes(scope)),
  };
  tokenTarget(config, client, narrowResources(config, granted, resources), granted);
}

/** A code that has everything that it is bound to, and is still good. */
function openCode({ code, client, redirectUri, codeVerifier, sender }: CodeRedemption, now: Date) {
  return {
    _id: digest(code),
    clientId: client._id,
    redirectUri,
    codeChallenge: digest(codeVerifier),
    senderKey: { $in: [null, ...(sender ? [senderKeyText(sender)] : [])] },
    usedAt: null,
    revokedAt: null,
    expiresAt: { $gt: now },
  };
}

async function takeCode(
  deps: CodeDeps,
  redemption: CodeRedemption,
  origin: RequestOrigin,
): Promise<AuthorizationCode> {
  const { code, client, codeVerifier } = redemption;
  if (!CODE_FORM.test(code)) throw new AppError('INVALID_GRANT', 'the code is not one of ours');
  const now = deps.clock();
  const taken = VERIFIER_FORM.test(codeVerifier)
    ? await deps.models.authorizationCodes
        .findOneAndUpdate(openCode(redemption, now), { $set: { usedAt: now } }, { returnDocument: 'after' })
        .lean<AuthorizationCode>()
    : null;
  if (taken) return taken;
  await noteReplay(deps, code, client, origin);
  throw new AppError('INVALID_GRANT', 'no open code has this client, redirect URI, verifier and key');
}

/** A code of this client that was used before: what it gave ends now, or as soon as it has been given. */
async function noteReplay(
  deps: CodeDeps,
  code: string,
  client: Client,
  origin: RequestOrigin,
): Promise<void> {
  const replayed = await deps.models.authorizationCodes
    .findOneAndUpdate(
      { _id: digest(code), clientId: client._id, usedAt: { $ne: null } },
      { $set: { revokedAt: deps.clock() } },
      { returnDocument: 'after' },
    )
    .lean<AuthorizationCode>();
  if (!replayed) return;
  await revokeGiven(deps, replayed);
  await deps.audit.record({
    action: 'authorization.replay',
    outcome: 'denied',
    actor: { kind: 'client', id: client._id, clientId: client._id },
    origin,
    objectType: 'Session',
    objectId: replayed.sessionId,
    reason: 'an authorization code was used again: what it gave was revoked',
  });
}

/** Writes down what the code gave. Who revoked the code before found nothing to revoke, so it is done here. */
async function noteGiven(deps: CodeDeps, code: AuthorizationCode, tokens: TokenSet): Promise<void> {
  const familyId = tokens.refreshToken && parseRefreshToken(deps, tokens.refreshToken)?.familyId;
  const given = await deps.models.authorizationCodes
    .findOneAndUpdate(
      { _id: code._id },
      { $set: { accessTokenId: tokens.accessTokenId, ...(familyId ? { familyId } : {}) } },
      { returnDocument: 'after' },
    )
    .lean<AuthorizationCode>();
  if (given?.revokedAt) await revokeGiven(deps, given);
}

async function revokeGiven(deps: CodeDeps, code: AuthorizationCode): Promise<void> {
  const { accessTokenId, familyId, sessionId, clientId } = code;
  if (accessTokenId) await deps.denylist.deny('jti', accessTokenId);
  if (familyId)
    await revokeFamily(deps, { _id: familyId, sessionId, clientId }, 'authorization code replayed');
}

/** Of codes and, as RFC 7636 §4.6 demands for S256, of verifiers. */
function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
