import type { Client } from '../../models/client.js';
import type { Consent } from '../../models/consent.js';
import type { Session } from '../../models/session.js';
import type { AuthorizationRequest, Progress } from './request.js';

/** What a person must do before the request can be answered. */
export type Interaction = 'signIn' | 'selectAccount' | 'consent';

export interface Situation {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  readonly progress: Progress;
  readonly session: Session | null;
  readonly consent: Consent | null;
  readonly now: Date;
}

/** The next thing to ask of the person, or the scopes that the client gets. */
export type Outcome =
  | { readonly interaction: Interaction }
  | { readonly session: Session; readonly scopes: readonly string[] };

/** OpenID Connect Core §3.1.2.3 and §3.1.2.4: sign-in before account, account before consent. */
export function judgeSituation(situation: Situation): Outcome {
  const { session } = situation;
  if (!session || mustSignIn(situation, session)) return { interaction: 'signIn' };
  if (mustChooseAccount(situation, session)) return { interaction: 'selectAccount' };
  const scopes = decidedScopes(situation, session);
  return scopes === null ? { interaction: 'consent' } : { session, scopes };
}

function mustSignIn({ request, progress, now }: Situation, session: Session): boolean {
  const { prompts, maxAgeSeconds, expectedUserId } = request;
  if (expectedUserId !== undefined && session.userId !== expectedUserId) return true;
  // A sign-in for this very request is fresh, also for max_age=0, and also when it took a while to consent.
  if (progress.signedIn === session._id) return false;
  if (prompts.includes('login')) return true;
  if (maxAgeSeconds === undefined) return false;
  return now.getTime() - session.authenticatedAt.getTime() > maxAgeSeconds * 1000;
}

/** Whoever has just typed a name and a password has chosen the account by it. */
function mustChooseAccount({ request, progress }: Situation, session: Session): boolean {
  if (!request.prompts.includes('select_account')) return false;
  return progress.signedIn !== session._id && progress.accountChosen !== session._id;
}

function decidedScopes(situation: Situation, session: Session): readonly string[] | null {
  const { request, client, progress, consent } = situation;
  if (progress.consent?.sessionId === session._id) return progress.consent.scopes;
  if (request.prompts.includes('consent') || !isProvenReceiver(request, client)) return null;
  if (client.firstParty) return request.scopes;
  if (!consent) return null;
  const decided = new Set([...consent.scopes, ...consent.refusedScopes]);
  if (!request.scopes.every((scope) => decided.has(scope))) return null;
  return request.scopes.filter((scope) => consent.scopes.includes(scope));
}

/**
 * RFC 8252 §8.6: a public client behind a loopback address or a private scheme may be any program on the device, so no
 * earlier consent speaks for it.
 */
function isProvenReceiver({ redirectUri }: AuthorizationRequest, client: Client): boolean {
  return client.tokenEndpointAuthMethod !== 'none' || redirectUri.startsWith('https:');
}
