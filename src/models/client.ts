import { Schema } from 'mongoose';
import { forgetOnWrite } from './readRecently.js';

export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | 'password'
  | 'urn:ietf:params:oauth:grant-type:device_code'
  | 'urn:ietf:params:oauth:grant-type:token-exchange';

/** How a client may prove itself at the token endpoint (RFC 6749 §2.3, RFC 7523, RFC 8705). */
export const TOKEN_ENDPOINT_AUTH_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const;

export type TokenEndpointAuthMethod = (typeof TOKEN_ENDPOINT_AUTH_METHODS)[number];

/** Public keys as RFC 7517 writes them. */
export interface PublicKeySet {
  keys: Record<string, unknown>[];
}

/** A secret is 256 random bits, so SHA-256 is enough; two may be valid while one is rotated out. */
export interface ClientSecret {
  hash: string;
  createdAt: Date;
  expiresAt?: Date | null;
}

/** An OAuth client. Metadata names follow RFC 7591 §2, in camelCase. */
export interface Client {
  /** The `client_id`. */
  _id: string;
  name: string;
  description: string;
  /** The user who registered it; null for clients of the installation. */
  ownerId?: string | null;
  status: 'active' | 'disabled';
  /** Declared in the config file: replaced at each start, not editable through the API. */
  declared: boolean;
  /** May use the password grant and skips consent. */
  firstParty: boolean;
  tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  grantTypes: GrantType[];
  redirectUris: string[];
  postLogoutRedirectUris: string[];
  /** The scopes it may ask for: also the ceiling of what any of its tokens can do. */
  scopes: string[];
  /** The roles it holds as a principal of its own (client credentials). */
  roles: string[];
  accessTokenTtlSeconds?: number | null;
  refreshTokenTtlSeconds?: number | null;
  logoUri?: string | null;
  clientUri?: string | null;
  policyUri?: string | null;
  tosUri?: string | null;
  contacts: string[];
  /** Its public keys, given by value or by address, for private_key_jwt, request objects and self-signed certificates. */
  jwks?: PublicKeySet | null;
  jwksUri?: string | null;
  /** RFC 8705 §2.1.2: exactly one of them for tls_client_auth. */
  tlsClientAuthSubjectDn?: string | null;
  tlsClientAuthSanDns?: string | null;
  tlsClientAuthSanUri?: string | null;
  /** RFC 8705 §3.4, RFC 9449 §5.2: its tokens are always bound to its certificate or key. */
  tlsClientCertificateBoundAccessTokens: boolean;
  dpopBoundAccessTokens: boolean;
  /** RFC 9126 §6, RFC 9101 §10.5. */
  requirePushedAuthorizationRequests: boolean;
  requireSignedRequestObject: boolean;
  /** Addresses that its request objects may be fetched from (OpenID Connect Registration §2); empty: none. */
  requestUris: string[];
  /** OpenID Connect Core §8. */
  subjectType: 'public' | 'pairwise';
  sectorIdentifierUri?: string | null;
  /** Absent: the installation's algorithm for ID tokens, plain JSON for the others. */
  idTokenSignedResponseAlg?: string | null;
  userinfoSignedResponseAlg?: string | null;
  introspectionSignedResponseAlg?: string | null;
  authorizationSignedResponseAlg?: string | null;
  /** OpenID Connect Back-Channel Logout §2.2. */
  backchannelLogoutUri?: string | null;
  backchannelLogoutSessionRequired: boolean;
  /** RFC 9396 §10: the types that it may ask for. */
  authorizationDetailsTypes: string[];
  /** CIDR ranges; its tokens are refused to callers from elsewhere. Empty: from everywhere. */
  allowedNetworks: string[];
  /** A refresh ends the access tokens that the family gave before. */
  refreshRevokesAccessTokens: boolean;
  /** Registered over RFC 7591 by whoever holds the registration access token. */
  dynamicallyRegistered: boolean;
  /** Tokens issued before are refused. */
  tokensValidAfter?: Date | null;
  lastUsedAt?: Date | null;
  createdAt: Date;
  updatedAt: Date;

  /** In no GraphQL type. */
  secrets: ClientSecret[];
  /** SHA-256 of the registration access token (RFC 7592 §3). In no GraphQL type. */
  registrationTokenHash?: string | null;
}

export const clientSchema = new Schema<Client>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, default: '' },
    ownerId: { type: String, default: undefined },
    status: { type: String, enum: ['active', 'disabled'], required: true, default: 'active' },
    declared: { type: Boolean, required: true, default: false },
    firstParty: { type: Boolean, required: true, default: false },
    tokenEndpointAuthMethod: {
      type: String,
      enum: TOKEN_ENDPOINT_AUTH_METHODS,
      required: true,
    },
    grantTypes: { type: [String], required: true },
    redirectUris: { type: [String], default: [] },
    postLogoutRedirectUris: { type: [String], default: [] },
    scopes: { type: [String], default: [] },
    roles: { type: [String], default: [] },
    accessTokenTtlSeconds: { type: Number, default: undefined },
    refreshTokenTtlSeconds: { type: Number, default: undefined },
    logoUri: { type: String, default: undefined },
    clientUri: { type: String, default: undefined },
    policyUri: { type: String, default: undefined },
    tosUri: { type: String, default: undefined },
    contacts: { type: [String], default: [] },
    jwks: { type: Schema.Types.Mixed, default: undefined },
    jwksUri: { type: String, default: undefined },
    tlsClientAuthSubjectDn: { type: String, default: undefined },
    tlsClientAuthSanDns: { type: String, default: undefined },
    tlsClientAuthSanUri: { type: String, default: undefined },
    tlsClientCertificateBoundAccessTokens: { type: Boolean, default: false },
    dpopBoundAccessTokens: { type: Boolean, default: false },
    requirePushedAuthorizationRequests: { type: Boolean, default: false },
    requireSignedRequestObject: { type: Boolean, default: false },
    requestUris: { type: [String], default: [] },
    subjectType: { type: String, enum: ['public', 'pairwise'], default: 'public' },
    sectorIdentifierUri: { type: String, default: undefined },
    idTokenSignedResponseAlg: { type: String, default: undefined },
    userinfoSignedResponseAlg: { type: String, default: undefined },
    introspectionSignedResponseAlg: { type: String, default: undefined },
    authorizationSignedResponseAlg: { type: String, default: undefined },
    backchannelLogoutUri: { type: String, default: undefined },
    backchannelLogoutSessionRequired: { type: Boolean, default: false },
    authorizationDetailsTypes: { type: [String], default: [] },
    allowedNetworks: { type: [String], default: [] },
    refreshRevokesAccessTokens: { type: Boolean, default: false },
    dynamicallyRegistered: { type: Boolean, default: false },
    tokensValidAfter: { type: Date, default: undefined },
    lastUsedAt: { type: Date, default: undefined },
    secrets: {
      type: [
        new Schema<ClientSecret>(
          {
            hash: { type: String, required: true },
            createdAt: { type: Date, required: true },
            expiresAt: Date,
          },
          { _id: false },
        ),
      ],
      default: [],
      select: false,
    },
    registrationTokenHash: { type: String, default: undefined, select: false },
  },
  { collection: 'clients', timestamps: true, versionKey: false, strict: 'throw' },
);

clientSchema.index({ ownerId: 1, _id: 1 });
clientSchema.index({ createdAt: 1, _id: 1 });
clientSchema.index(
  { backchannelLogoutUri: 1 },
  { partialFilterExpression: { backchannelLogoutUri: { $type: 'string' } } },
);

forgetOnWrite(clientSchema);
