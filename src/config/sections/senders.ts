import { z } from 'zod';
import { seconds } from './values.js';

/** Tokens bound to a key of the client (RFC 9449). */
export const dpop = z
  .object({
    requireNonce: z
      .enum(['never', 'tokens', 'always'])
      .default('never')
      .describe('Where DPoP proofs must hold a nonce of ours: nowhere, where tokens are issued, everywhere'),
    nonceTtlSeconds: seconds('How long a nonce is taken at most', 120),
    proofTtlSeconds: seconds('How far the `iat` of a proof without a nonce may be from now', 60),
  })
  .strict()
  .prefault({});

/** Clients that show a certificate (RFC 8705). */
export const mutualTls = z
  .object({
    enabled: z
      .boolean()
      .default(false)
      .describe('Ask clients for a certificate, over our own TLS or by the header of a trusted proxy'),
    caFile: z
      .string()
      .optional()
      .describe('PEM file of the authorities whose certificates tls_client_auth takes over our own TLS'),
    certificateHeader: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'must be a header name in lower case')
      .optional()
      .describe('Header in which listen.trustedProxies hand over the certificate, as PEM or RFC 9440'),
    verifiedHeader: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'must be a header name in lower case')
      .optional()
      .describe('Header in which they say SUCCESS of a verified chain; tls_client_auth by proxy needs it'),
    endpointBase: z
      .string()
      .url()
      .optional()
      .describe(
        'Base URL at which certificates are asked for, where it is not the issuer (mtls_endpoint_aliases)',
      ),
  })
  .strict()
  .prefault({});
