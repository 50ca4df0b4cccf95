import type { Client } from '../../models/client.js';
import type { Consent } from '../../models/consent.js';
import type { Session } from '../../models/session.js';
import { revisionOf } from '../consents.js';
import { attainsOneOf, reachesOneOf } from '../sessions/acr.js';
import { claimsByName, claimsRefusedWith, scopeOfClaim } from './claimsRequest.js';
import type { AuthorizationRequest, Granted, Progress } from './request.js';

/** What a person must do before the request can be answered. */
export type Interaction = 'signIn' | 'selectAccount' | 'consent';

export interface Situation {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  readonly progress: Progress;
  readonly session: Session | null;
  readonly consent: Consent | null;
  /** What is demanded of the person and for the client, whatever the request says. */
  readonly demandedAcr?: string;
  readonly now: Date;
}

/** The next thing to ask of the person, or what the client gets. */
export type Outcome =
  | { readonly interaction: Interaction }
  | { readonly session: Session; readonly granted: Granted };

/** OpenID Connect Core §3.1.2.3 and §3.1.2.4: sign-in before account, account before consent. */
export function judgeSituation(situation: Situation): Outcome {
  const { session } = situation;
  if (!session || mustSignIn(situation, session)) return { interaction: 'signIn' };
  if (mustChooseAccount(situation, session)) return { interaction: 'selectAccount' };
  const granted = decided(situation, session);
  return granted === null ? { interaction: 'consent' } : { session, granted };
}

function mustSignIn({ request, progress, demandedAcr, now }: Situation, session: Session): boolean {
  const { prompts, maxAgeSeconds, expectedUserId, essentialAcrs } = request;
  if (expectedUserId !== undefined && session.userId !== expectedUserId) return true;
  if (essentialAcrs && !reachesOneOf(session.acr, essentialAcrs)) return true;
  if (demandedAcr !== undefined && !reachesOneOf(session.acr, [demandedAcr])) return true;
  // A sign-in for this very request is fresh, also for max_age=0, and also when it took a while to consent.
  if (progress.signedIn === session._id) return false;
  if (prompts.includes('login') || mayStepUp(request, session)) return true;
  if (maxAgeSeconds === undefined) return false;
  return now.getTime() - session.authenticatedAt.getTime() > maxAgeSeconds * 1000;
}

/**
 * RFC 9470 §5: a wish for a stronger sign-in is tried once. Who cannot be asked, or has no second factor, goes on with
 * what there is, and the ID token says so (OpenID Connect Core §5.5.1.1).
 */
function mayStepUp({ prompts, acrValues }: AuthorizationRequest, session: Session): boolean {
  if (!acrValues || prompts.includes('none')) return false;
  return !reachesOneOf(session.acr, acrValues) && attainsOneOf(acrValues);
}

/** Whoever has just typed a name and a password has chosen the account by it. */
function mustChooseAccount({ request, progress }: Situation, session: Session): boolean {
  if (!request.prompts.includes('select_account')) return false;
  return progress.signedIn !== session._id && progress.accountChosen !== session._id;
}

function decided(situation: Situation, session: Session): Granted | null {
  const { request, client, progress, consent } = situation;
  const revision = consent ? revisionOf(consent) : undefined;
  const fresh = progress.consent;
  // Unless it was taken back since, in another tab.
  if (fresh?.sessionId === session._id && fresh.consentRevision === revision) return fresh;
  if (request.prompts.includes('consent') || !isProvenReceiver(request, client)) return null;
  const authorizationDetails = request.authorizationDetails ?? [];
  if (client.firstParty) return { scopes: request.scopes, refusedClaims: [], authorizationDetails };
  // Each is for itself: who let an app pay once has not let it pay again.
  if (!consent || authorizationDetails.length > 0 || !isDecided(request, consent)) return null;
  const scopes = request.scopes.filter((scope) => consent.scopes.includes(scope));
  const refusedClaims = [...(consent.refusedClaims ?? []), ...claimsRefusedWith(request, scopes)];
  return { scopes, refusedClaims, authorizationDetails, consentRevision: revisionOf(consent) };
}

/** Consents of an earlier release know no claims. */
function isDecided(request: AuthorizationRequest, consent: Consent): boolean {
  const scopes = new Set([...consent.scopes, ...consent.refusedScopes]);
  const claims = new Set([...(consent.claims ?? []), ...(consent.refusedClaims ?? [])]);
  return (
    request.scopes.every((scope) => scopes.has(scope)) &&
    [...claimsByName(request).keys()].every(
      (claim) => claims.has(claim) || consent.scopes.includes(scopeOfClaim(claim) ?? ''),
    )
  );
}

/**
 * RFC 8252 §8.6: a public client behind a loopback address or a private scheme may be any program on the device, so no
 * earlier consent speaks for it.
 */
function isProvenReceiver({ redirectUri }: AuthorizationRequest, client: Client): boolean {
  return client.tokenEndpointAuthMethod !== 'none' || redirectUri.startsWith('https:');
}
