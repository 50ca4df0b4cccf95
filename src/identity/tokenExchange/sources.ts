import type { TokenSource } from '../tokens/revoked.js';
import { type PresentedToken, refuseToken } from './presentedToken.js';

/** Two for each of the actors, and room to narrow: tokens travel in headers. */
const MOST_SOURCES = 12;

/**
 * All that an exchanged token ends with: the subject token and what that was exchanged from, by whatever ends those;
 * the actor token by its own revocation, for what ends an actor is looked up with the actor. An ID token has no name:
 * it is of the same client and session. @throws AppError INVALID_REQUEST for more than a token can carry
 */
export function sourcesOf(subject: PresentedToken, acting: PresentedToken | null): TokenSource[] {
  const sources = [
    ...namedBy(subject),
    ...(acting === null ? [] : namedBy(acting).map(({ jti }) => ({ jti }))),
  ];
  if (sources.length > MOST_SOURCES) throw refuseToken(`exchanged from more than ${MOST_SOURCES} tokens`);
  return sources;
}

function namedBy({ access }: PresentedToken): TokenSource[] {
  if (access === null) return [];
  return [...access.exchangedFrom, { jti: access.jti, client_id: access.clientId }];
}
