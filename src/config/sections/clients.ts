import { z } from 'zod';
import { secret, strings } from './values.js';

const grantType = z.enum([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'password',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
]);

const text = (description: string) => z.string().min(1).optional().describe(description);
const flag = (description: string) => z.boolean().default(false).describe(description);
const address = (description: string) => z.string().url().optional().describe(description);
const algorithm = (description: string) =>
  z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).optional().describe(description);

/** What people see of it. */
const presentation = {
  description: z.string().default('').describe('What it is for'),
  logoUri: address('Its logo'),
  clientUri: address('Its home page'),
  policyUri: address('Its privacy policy'),
  tosUri: address('Its terms of service'),
  contacts: strings('Whom to ask about it'),
};

/** What it proves itself with. */
const proof = {
  jwks: z
    .object({
      keys: z
        .array(
          z.object({ kty: z.string().describe('Key type, beside what belongs to it') }).catchall(z.unknown()),
        )
        .min(1)
        .describe('Its public keys (RFC 7517)'),
    })
    .strict()
    .optional(),
  jwksUri: address('Where its public keys are'),
  tlsClientAuthSubjectDn: text('tls_client_auth: subject of its certificate (RFC 4514)'),
  tlsClientAuthSanDns: text('tls_client_auth: DNS name in its certificate'),
  tlsClientAuthSanUri: text('tls_client_auth: URI in its certificate'),
  tlsClientCertificateBoundAccessTokens: flag('Its tokens are bound to its certificate (RFC 8705)'),
  dpopBoundAccessTokens: flag('Its tokens are bound to a key (RFC 9449)'),
};

/** How the server deals with it. */
const protocol = {
  requirePushedAuthorizationRequests: flag('It must push its authorization requests (RFC 9126)'),
  requireSignedRequestObject: flag('It must sign its authorization requests (RFC 9101)'),
  requestUris: strings('Addresses that its request objects may be fetched from'),
  subjectType: z
    .enum(['public', 'pairwise'])
    .default('public')
    .describe('pairwise: it knows people by subjects of its own (OpenID Connect Core §8)'),
  sectorIdentifierUri: address('Its host makes clients share pairwise subjects'),
  idTokenSignedResponseAlg: algorithm('Algorithm of its ID tokens; absent: tokens.algorithm'),
  userinfoSignedResponseAlg: algorithm('Userinfo as a JWT of this algorithm; absent: as JSON'),
  introspectionSignedResponseAlg: algorithm('Introspection as a JWT of this algorithm; absent: as JSON'),
  authorizationSignedResponseAlg: algorithm(
    'Algorithm of authorization answers in a JWT; absent: tokens.algorithm',
  ),
  backchannelLogoutUri: address('Where it is told of sign-outs (OpenID Connect Back-Channel Logout)'),
  backchannelLogoutSessionRequired: flag('It needs the session in logout tokens; they always have it'),
  authorizationDetailsTypes: strings('Types of authorization_details that it may ask for (RFC 9396)'),
  allowedNetworks: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .default([])
    .describe('CIDR ranges that its tokens are valid from; absent: everywhere'),
  refreshRevokesAccessTokens: flag('A refresh ends the access tokens that came before'),
};

/** Clients that exist at every start. */
export const clients = z
  .array(
    z
      .object({
        clientId: z.string().min(1).describe('Client identifier'),
        name: z.string().optional().describe('Name that people see; absent: the identifier'),
        secret: secret('Client secret, at least 16 characters', { minLength: 16 }).optional(),
        firstParty: z
          .boolean()
          .default(false)
          .describe('Part of this installation: may use the password grant'),
        tokenEndpointAuthMethod: z
          .enum([
            'none',
            'client_secret_basic',
            'client_secret_post',
            'private_key_jwt',
            'tls_client_auth',
            'self_signed_tls_client_auth',
          ])
          .default('client_secret_basic')
          .describe('How it authenticates; none: a public client'),
        grantTypes: z.array(grantType).min(1).describe('Grants that it may use'),
        redirectUris: strings('Where authorization answers may go, compared exactly'),
        postLogoutRedirectUris: strings('Where a browser may go after sign-out'),
        scopes: strings('Scopes that it may ask for'),
        roles: strings('Roles of the client itself (client_credentials)'),
        accessTokenTtlSeconds: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('Lifetime of its access tokens'),
        refreshTokenTtlSeconds: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('Lifetime of its refresh families'),
        ...presentation,
        ...proof,
        ...protocol,
      })
      .strict(),
  )
  .default([])
  .describe('Clients that exist at every start');
