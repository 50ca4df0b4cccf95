import { randomBytes } from 'node:crypto';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';
import { formatRefreshToken } from './refreshTokenFormat.js';

const FAMILY_ID_BYTES = 16;

export interface NewRefreshFamily {
  readonly session: Pick<Session, '_id' | 'acr' | 'amr' | 'authenticatedAt' | 'expiresAt' | 'userId'>;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resources?: readonly string[];
  /** As granted: RFC 9396; OpenID Connect Core §5.5; what the person left out. */
  readonly authorizationDetails?: readonly Record<string, unknown>[] | null;
  readonly claims?: object | null;
  readonly refusedClaims?: readonly string[];
  /** Of `senderKey.ts`: what every refresh must prove. */
  readonly senderKey?: string | null;
  /** Absent: the configured one. A family never outlives its session. */
  readonly ttlSeconds?: number | null;
}

/** Starts a family and returns its first token. */
export async function startRefreshFamily(
  deps: Pick<Deps, 'clock' | 'config' | 'models' | 'secrets'>,
  family: NewRefreshFamily,
): Promise<string> {
  const { session, clientId, scopes, resources, authorizationDetails, claims, senderKey, ttlSeconds } =
    family;
  const now = deps.clock();
  const seconds = ttlSeconds ?? deps.config.tokens.refreshTokenTtlSeconds;
  const expiresAt = Math.min(now.getTime() + seconds * 1000, session.expiresAt.getTime());
  const familyId = randomBytes(FAMILY_ID_BYTES).toString('base64url');
  await deps.models.refreshFamilies.create({
    _id: familyId,
    sessionId: session._id,
    userId: session.userId,
    clientId,
    scopes: [...scopes],
    resources: [...(resources ?? [])],
    ...(authorizationDetails?.length && { authorizationDetails: [...authorizationDetails] }),
    ...(claims && { claims: { ...claims } }),
    refusedClaims: [...(family.refusedClaims ?? [])],
    acr: session.acr,
    amr: [...session.amr],
    authenticatedAt: session.authenticatedAt,
    counter: 0,
    rotatedAt: now,
    ...(senderKey ? { senderKey } : {}),
    expiresAt: new Date(expiresAt),
  });
  return formatRefreshToken(deps, { familyId, counter: 0 });
}
