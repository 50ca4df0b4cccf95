import { AppError } from '../errors.js';
import { readSenderEvidence } from '../http/senderEvidence.js';
import type { Confirmation } from '../identity/tokens/accessToken.js';
import { verifyDpopProof } from '../identity/tokens/dpop.js';
import type { Client } from '../models/client.js';
import type { Exchange } from './endpoint.js';

/**
 * What the tokens of this request are bound to: the key of its DPoP proof (RFC 9449 §5), or the certificate of a client
 * that is registered for that (RFC 8705 §3.4); null: bearer tokens. Spends the proof.
 * @throws AppError INVALID_DPOP_PROOF, USE_DPOP_NONCE; INVALID_REQUEST when the client needs a proof that is not there
 */
export async function senderOf(
  { deps, request, reply }: Exchange,
  client: Client,
): Promise<Confirmation | null> {
  const evidence = readSenderEvidence(deps, request, reply, 'authorizationServer');
  const jkt =
    evidence.dpop === undefined ? null : await verifyDpopProof(deps, evidence, 'authorizationServer');
  // RFC 9449 §5.2: "the authorization server MUST reject token requests from the client that do not contain" one.
  if (client.dpopBoundAccessTokens && jkt === null) throw missing('a DPoP proof');
  if (!client.tlsClientCertificateBoundAccessTokens) return jkt === null ? null : { jkt };
  // A token is bound to one thing, and the scheme that it is sent by tells which.
  if (jkt !== null) throw missing('its certificate and no DPoP proof');
  if (!evidence.certificate) throw missing('its TLS certificate');
  return { 'x5t#S256': evidence.certificate.thumbprint };
}

function missing(what: string): AppError {
  return new AppError('INVALID_REQUEST', `the client must show ${what}`, {
    publicMessage: `this client must show ${what}`,
  });
}
