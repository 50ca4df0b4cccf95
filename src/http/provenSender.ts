import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessTokenClaims, Confirmation } from '../identity/tokens/accessToken.js';
import { type DpopDeps, verifyDpopProof } from '../identity/tokens/dpop.js';
import { readSenderEvidence } from './senderEvidence.js';

/**
 * What the tokens that a request of our own doors asks for will be bound to: the key that its own token is bound to,
 * which has been proven with it, else that of its DPoP proof (RFC 9449 §5); null: bearer tokens. Whoever sends a proof
 * counts on it, so one that does not hold is refused. Spends the proof. @throws AppError INVALID_DPOP_PROOF, USE_DPOP_NONCE
 */
export async function provenSender(
  deps: DpopDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  claims: AccessTokenClaims | null = null,
): Promise<Confirmation | null> {
  if (claims?.confirmation) return claims.confirmation;
  const evidence = readSenderEvidence(deps, request, reply, 'authorizationServer');
  if (evidence.dpop === undefined) return null;
  return { jkt: await verifyDpopProof(deps, evidence, 'authorizationServer') };
}
