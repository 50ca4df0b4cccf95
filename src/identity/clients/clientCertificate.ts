import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import type { ClientCertificate } from '../tokens/sender.js';
import { readKeySet } from './clientKeys.js';
import { isSameName } from './distinguishedName.js';

type CertificateDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'logger'>;

/**
 * Proves a client by the certificate of its TLS handshake: by its name in one that an authority vouches for
 * (RFC 8705 §2.1), or by one that it has registered itself (§2.2).
 * @throws AppError INVALID_CLIENT
 */
export async function verifyClientCertificate(
  deps: CertificateDeps,
  client: Client,
  certificate: ClientCertificate | null,
): Promise<void> {
  if (!certificate) throw refusal(client, 'showed no certificate');
  const { validFrom, validTo } = certificate.x509;
  const now = deps.clock().getTime();
  if (now < Date.parse(validFrom) || now > Date.parse(validTo))
    throw refusal(client, 'showed one out of its time');
  if (client.tokenEndpointAuthMethod === 'self_signed_tls_client_auth') {
    if (await isRegistered(deps, client, certificate)) return;
    throw refusal(client, 'showed one that it has not registered');
  }
  if (!certificate.isChainVerified) throw refusal(client, 'showed one that no authority of ours vouches for');
  if (!hasRegisteredName(client, certificate)) throw refusal(client, 'showed one of another name');
}

/** RFC 8705 §2.2.2: the certificates stand in `x5c` of the client's keys, its own first. */
async function isRegistered(
  deps: CertificateDeps,
  client: Client,
  { x509 }: ClientCertificate,
): Promise<boolean> {
  const { keys } = await readKeySet(deps, client);
  const shown = x509.raw.toString('base64');
  return keys.some(({ x5c }) => x5c?.[0]?.replaceAll(/\s/g, '') === shown);
}

/** RFC 8705 §2.1.2: exactly one of them is registered. */
function hasRegisteredName(client: Client, { x509 }: ClientCertificate): boolean {
  const { tlsClientAuthSubjectDn: name, tlsClientAuthSanDns: dns, tlsClientAuthSanUri: uri } = client;
  if ([name, dns, uri].filter(Boolean).length !== 1) return false;
  if (name) return isSameName(x509.subject, name);
  const alternatives = alternativeNames(x509.subjectAltName);
  // Exactly: a certificate for `*.example.com` speaks for none of its hosts here.
  return dns
    ? alternatives.some((one) => one.toLowerCase() === `dns:${dns.toLowerCase()}`)
    : alternatives.includes(`URI:${uri}`);
}

/** Node writes `DNS:a, URI:b` and quotes as JSON what would be ambiguous in it. */
function alternativeNames(text: string | undefined): string[] {
  const entries = text?.match(/[A-Za-z ]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return entries.map((entry) => {
    const [, kind = '', value = ''] = /^ *([A-Za-z ]+):(.*)$/s.exec(entry) ?? [];
    return `${kind}:${value.startsWith('"') ? String(JSON.parse(value)) : value}`;
  });
}

function refusal(client: Client, what: string): AppError {
  return new AppError('INVALID_CLIENT', `client ${client._id} ${what}`);
}
