import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { ClientMetadata } from './clientMetadata.js';
import { connectionOf } from './connection.js';
import {
  BooleanFilter,
  DateTimeFilter,
  enumFilterOf,
  IdFilter,
  OrderDirection,
  StringFilter,
  StringListFilter,
} from './filters.js';
import { FilterOf, Governed, OrderOf, Public } from './governance.js';
import { Node } from './Node.js';
import { DateTime } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export enum ClientStatus {
  ACTIVE = 'active',
  DISABLED = 'disabled',
}

registerEnumType(ClientStatus, { name: 'ClientStatus' });

export enum GrantType {
  AUTHORIZATION_CODE = 'authorization_code',
  REFRESH_TOKEN = 'refresh_token',
  CLIENT_CREDENTIALS = 'client_credentials',
  PASSWORD = 'password',
  DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code',
  TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange',
}

registerEnumType(GrantType, { name: 'GrantType', description: 'OAuth grant types.' });

export enum TokenEndpointAuthMethod {
  NONE = 'none',
  CLIENT_SECRET_BASIC = 'client_secret_basic',
  CLIENT_SECRET_POST = 'client_secret_post',
  PRIVATE_KEY_JWT = 'private_key_jwt',
  TLS_CLIENT_AUTH = 'tls_client_auth',
  SELF_SIGNED_TLS_CLIENT_AUTH = 'self_signed_tls_client_auth',
}

registerEnumType(TokenEndpointAuthMethod, {
  name: 'TokenEndpointAuthMethod',
  description: 'How the client proves who it is (RFC 7591 §2).',
});

export const ClientViewerCan = viewerCanOf('Client', {
  update: 'Change at least one field.',
  delete: 'Delete the client.',
  rotateSecret: 'Replace the secret.',
  revokeTokens: 'Revoke every token of the client.',
  issueRegistrationToken: 'Let clients register themselves; the same for every client.',
});

@Governed({
  actions: ['rotateSecret', 'revokeTokens', 'issueRegistrationToken'],
  paths: { clientId: '_id', owner: 'ownerId' },
  writable: [
    'clientId',
    'name',
    'description',
    'owner',
    'status',
    'firstParty',
    'tokenEndpointAuthMethod',
    'grantTypes',
    'redirectUris',
    'postLogoutRedirectUris',
    'scopes',
    'roles',
    'accessTokenTtlSeconds',
    'refreshTokenTtlSeconds',
    'logoUri',
    'clientUri',
    'policyUri',
    'tosUri',
    'contacts',
    'jwks',
    'jwksUri',
    'tlsClientAuthSubjectDn',
    'tlsClientAuthSanDns',
    'tlsClientAuthSanUri',
    'tlsClientCertificateBoundAccessTokens',
    'dpopBoundAccessTokens',
    'requirePushedAuthorizationRequests',
    'requireSignedRequestObject',
    'requestUris',
    'subjectType',
    'sectorIdentifierUri',
    'idTokenSignedResponseAlg',
    'userinfoSignedResponseAlg',
    'introspectionSignedResponseAlg',
    'authorizationSignedResponseAlg',
    'backchannelLogoutUri',
    'backchannelLogoutSessionRequired',
    'authorizationDetailsTypes',
    'allowedNetworks',
    'refreshRevokesAccessTokens',
  ],
})
@ObjectType({ simpleResolvers: true, implements: Node, description: 'An OAuth client.' })
export class Client extends ClientMetadata {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: 'The `client_id` of OAuth.' })
  clientId!: string;

  @Field(() => String, { nullable: true })
  name!: string;

  @Field(() => String, { nullable: true })
  description!: string;

  @Field(() => ClientStatus, { nullable: true })
  status!: ClientStatus;

  @Field(() => Boolean, { nullable: true, description: 'Comes from the config file; not editable here.' })
  declared!: boolean;

  @Field(() => Boolean, { nullable: true, description: 'Registered by itself (RFC 7591).' })
  dynamicallyRegistered!: boolean;

  @Field(() => Boolean, { nullable: true, description: 'May use the password grant and skips consent.' })
  firstParty!: boolean;

  @Field(() => TokenEndpointAuthMethod, { nullable: true })
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @Field(() => [GrantType], { nullable: true })
  grantTypes!: GrantType[];

  @Field(() => [String], { nullable: true })
  redirectUris!: string[];

  @Field(() => [String], { nullable: true })
  postLogoutRedirectUris!: string[];

  @Field(() => [String], { nullable: true, description: 'What it may ask for: the ceiling of its tokens.' })
  scopes!: string[];

  @Field(() => [String], { nullable: true, description: 'Names of the roles it holds by itself.' })
  roles!: string[];

  @Field(() => Int, { nullable: true })
  accessTokenTtlSeconds!: number | null;

  @Field(() => Int, { nullable: true })
  refreshTokenTtlSeconds!: number | null;

  @Field(() => String, { nullable: true })
  logoUri!: string | null;

  @Field(() => String, { nullable: true })
  clientUri!: string | null;

  @Field(() => String, { nullable: true })
  policyUri!: string | null;

  @Field(() => String, { nullable: true })
  tosUri!: string | null;

  @Field(() => [String], { nullable: true })
  contacts!: string[];

  @Field(() => DateTime, { nullable: true, description: 'Tokens issued before are refused.' })
  tokensValidAfter!: Date | null;

  @Field(() => DateTime, { nullable: true })
  lastUsedAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true })
  updatedAt!: Date;

  @Public('tells the viewer only what the viewer may do')
  @Field(() => ClientViewerCan)
  viewerCan!: object;
}

export const ClientConnection = connectionOf(Client, 'Client');

const ClientStatusFilter = enumFilterOf(ClientStatus, 'ClientStatusFilter');

@FilterOf('Client')
@InputType()
export class ClientFilter {
  @Field(() => StringFilter, { nullable: true })
  clientId?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  name?: StringFilter | null;

  @Field(() => IdFilter, { nullable: true, description: 'Id of the user who registered it.' })
  owner?: IdFilter | null;

  @Field(() => ClientStatusFilter, { nullable: true })
  status?: object | null;

  @Field(() => BooleanFilter, { nullable: true })
  firstParty?: BooleanFilter | null;

  @Field(() => StringListFilter, { nullable: true })
  scopes?: StringListFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  createdAt?: DateTimeFilter | null;

  @Field(() => [ClientFilter], { nullable: true })
  and?: ClientFilter[] | null;

  @Field(() => [ClientFilter], { nullable: true })
  or?: ClientFilter[] | null;
}

export enum ClientOrderField {
  CREATED_AT = 'createdAt',
  NAME = 'name',
}

registerEnumType(ClientOrderField, { name: 'ClientOrderField' });

@OrderOf('Client')
@InputType()
export class ClientOrder {
  @Field(() => ClientOrderField)
  field!: ClientOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  direction!: OrderDirection;
}
