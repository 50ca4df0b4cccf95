import { AppError } from '../../errors.js';
import type { Confirmation } from './accessToken.js';
import { type DpopDeps, verifyDpopProof } from './dpop.js';
import type { SenderEvidence } from './sender.js';

/**
 * Only who proves to have the key may use a token that is bound to it: a DPoP key with a proof made for this token and
 * this request (RFC 9449 §7.1), a certificate in the TLS handshake (RFC 8705 §3). A token bound to a DPoP key that
 * comes as Bearer is refused, and so is a bearer token that comes as DPoP (RFC 9449 §7.2).
 * @throws AppError INVALID_TOKEN, INVALID_DPOP_PROOF, USE_DPOP_NONCE
 */
export async function assertSender(
  deps: DpopDeps,
  confirmation: Confirmation | null,
  sent: { bearer: string; scheme?: 'Bearer' | 'DPoP'; sender?: SenderEvidence },
): Promise<void> {
  const { bearer, scheme = 'Bearer', sender } = sent;
  const isForKey = confirmation !== null && 'jkt' in confirmation;
  if (isForKey !== (scheme === 'DPoP')) {
    throw new AppError('INVALID_TOKEN', `the token does not go with the scheme ${scheme}`);
  }
  if (confirmation === null) return;
  if ('x5t#S256' in confirmation) {
    if (sender?.certificate?.thumbprint === confirmation['x5t#S256']) return;
    throw new AppError('INVALID_TOKEN', 'the token is bound to a certificate that was not shown');
  }
  if (!sender) throw new AppError('INVALID_DPOP_PROOF', 'DPoP proof: there is none');
  const thumbprint = await verifyDpopProof(deps, sender, 'resource', bearer);
  if (thumbprint === confirmation.jkt) return;
  throw new AppError('INVALID_TOKEN', 'the token is bound to another key than that of the proof');
}
