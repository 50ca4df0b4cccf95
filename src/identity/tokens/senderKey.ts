import type { Client } from '../../models/client.js';
import type { Confirmation } from './accessToken.js';

/** RFC 6749 §7.1, RFC 9449 §5: how a token so bound is sent; a certificate changes nothing of the scheme (RFC 8705 §3). */
export function tokenTypeOf(confirmation: Confirmation | null | undefined): 'Bearer' | 'DPoP' {
  return confirmation && 'jkt' in confirmation ? 'DPoP' : 'Bearer';
}

/** A key or certificate as codes and refresh families keep it: `<jkt>` or `x5t#S256:<thumbprint>`. */
export function senderKeyText(confirmation: Confirmation): string {
  return 'jkt' in confirmation ? confirmation.jkt : `${CERTIFICATE}${confirmation['x5t#S256']}`;
}

/** The other way round, for introspection. */
export function confirmationOf(senderKey: string): Confirmation {
  return senderKey.startsWith(CERTIFICATE)
    ? { 'x5t#S256': senderKey.slice(CERTIFICATE.length) }
    : { jkt: senderKey };
}

/**
 * What a refresh family of this client is bound to. RFC 9449 §5, RFC 8705 §4: refresh tokens of public clients are
 * bound to the key; those of a confidential client are bound by its authentication, so that it may change its key.
 */
export function familyKeyOf(
  client: Pick<Client, 'tokenEndpointAuthMethod'>,
  sender: Confirmation | null | undefined,
): string | null {
  return sender && client.tokenEndpointAuthMethod === 'none' ? senderKeyText(sender) : null;
}

const CERTIFICATE = 'x5t#S256:';
