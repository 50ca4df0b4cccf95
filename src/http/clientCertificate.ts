import { hash, X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/schema.js';
import type { ClientCertificate } from '../identity/tokens/sender.js';
import { isFromTrustedProxy } from './trustedProxy.js';

type CertificateConfig = Pick<Config, 'listen' | 'mutualTls'>;

const LONGEST_HEADER_CHARACTERS = 16_384;

/**
 * The certificate that the client has shown (RFC 8705 §2): in the TLS handshake with us, or with a proxy that hands it on
 * in the configured header. The header counts only from the address of a trusted proxy: anybody can write one.
 */
export function readClientCertificate(
  request: Pick<FastifyRequest, 'raw' | 'headers'>,
  config: CertificateConfig,
): ClientCertificate | null {
  if (!config.mutualTls.enabled) return null;
  // A certificate that a proxy shows for itself says nothing of the client behind it.
  return isFromTrustedProxy(request, config)
    ? certificateOfHeader(request, config)
    : certificateOfSocket(request, config);
}

function certificateOfSocket(
  { raw: { socket } }: Pick<FastifyRequest, 'raw'>,
  { mutualTls }: CertificateConfig,
): ClientCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  const x509 = socket.getPeerX509Certificate();
  // Without authorities of our own, TLS would have taken those of the public web, which certify anybody.
  return x509 ? toCertificate(x509, mutualTls.caFile !== undefined && socket.authorized) : null;
}

function certificateOfHeader(
  { headers }: Pick<FastifyRequest, 'headers'>,
  { mutualTls }: CertificateConfig,
): ClientCertificate | null {
  const { certificateHeader, verifiedHeader } = mutualTls;
  const text = certificateHeader === undefined ? undefined : headers[certificateHeader];
  if (typeof text !== 'string' || text === '' || text.length > LONGEST_HEADER_CHARACTERS) return null;
  const x509 = parseCertificate(text);
  if (!x509) return null;
  const isVerified = verifiedHeader !== undefined && headers[verifiedHeader] === 'SUCCESS';
  return toCertificate(x509, isVerified);
}

function toCertificate(x509: X509Certificate, isChainVerified: boolean): ClientCertificate {
  return { x509, thumbprint: hash('sha256', x509.raw, 'base64url'), isChainVerified };
}

/** PEM (URL-encoded, as nginx writes it, or with its line ends folded) or a byte sequence of RFC 9440 §2.1. */
function parseCertificate(text: string): X509Certificate | null {
  try {
    const plain = text.includes('%') ? decodeURIComponent(text) : text;
    const base64 =
      /^:([A-Za-z0-9+/]+=*):$/.exec(plain)?.[1] ??
      /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(plain)?.[1];
    return base64 === undefined ? null : new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return null;
  }
}
