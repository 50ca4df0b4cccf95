import type { X509Certificate } from 'node:crypto';

/** A certificate whose private key the TLS handshake has proven to be with the caller. */
export interface ClientCertificate {
  readonly x509: X509Certificate;
  /** RFC 8705 §3.1: SHA-256 of the DER form, base64url. */
  readonly thumbprint: string;
  /** Whether it descends from an authority that this installation named: of a self-signed one, false. */
  readonly isChainVerified: boolean;
}

/** What a request brought along to prove who sends it. */
export interface SenderEvidence {
  /** The DPoP header (RFC 9449 §4.1); two of them arrive joined and are no proof any more. */
  readonly dpop: string | undefined;
  readonly method: string;
  /** The address of the request under every public name of this server, without query, normalised. */
  readonly urls: readonly string[];
  readonly certificate: ClientCertificate | null;
}

/** Where a proof is shown: what a nonce is demanded for differs. */
export type ProofPlace = 'authorizationServer' | 'resource';
