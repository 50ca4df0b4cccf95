import { Schema } from 'mongoose';

export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | 'password'
  | 'urn:ietf:params:oauth:grant-type:device_code'
  | 'urn:ietf:params:oauth:grant-type:token-exchange';

export type TokenEndpointAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post';

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
  /** Tokens issued before are refused. */
  tokensValidAfter?: Date | null;
  lastUsedAt?: Date | null;
  createdAt: Date;
  updatedAt: Date;

  /** In no GraphQL type. */
  secrets: ClientSecret[];
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
      enum: ['none', 'client_secret_basic', 'client_secret_post'],
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
  },
  { collection: 'clients', timestamps: true, versionKey: false, strict: 'throw' },
);

clientSchema.index({ ownerId: 1, _id: 1 });
clientSchema.index({ createdAt: 1, _id: 1 });
