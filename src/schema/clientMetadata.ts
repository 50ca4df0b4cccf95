import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { PublicKeySet } from '../models/client.js';
import { JsonObject } from './scalars.js';

export enum SubjectType {
  PUBLIC = 'public',
  PAIRWISE = 'pairwise',
}

registerEnumType(SubjectType, {
  name: 'SubjectType',
  description: 'How a client knows people: by their ids, or by subjects that its sector alone knows.',
});

export enum SigningAlgorithm {
  RS256 = 'RS256',
  PS256 = 'PS256',
  ES256 = 'ES256',
  EdDSA = 'EdDSA',
}

registerEnumType(SigningAlgorithm, {
  name: 'SigningAlgorithm',
  description: 'RFC 7518 §3.1, RFC 8037 §3.1.',
});

/** The metadata that says how the server deals with a client; what people see of it stands in `Client`. */
@ObjectType()
export abstract class ClientMetadata {
  @Field(() => JsonObject, { nullable: true, description: 'Its public keys (RFC 7517).' })
  jwks!: PublicKeySet | null;

  @Field(() => String, { nullable: true, description: 'Where its public keys are; instead of `jwks`.' })
  jwksUri!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'For `TLS_CLIENT_AUTH`: subject of its certificate (RFC 4514).',
  })
  tlsClientAuthSubjectDn!: string | null;

  @Field(() => String, { nullable: true, description: 'For `TLS_CLIENT_AUTH`: DNS name in its certificate.' })
  tlsClientAuthSanDns!: string | null;

  @Field(() => String, { nullable: true, description: 'For `TLS_CLIENT_AUTH`: URI in its certificate.' })
  tlsClientAuthSanUri!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Its tokens are bound to its certificate (RFC 8705).',
  })
  tlsClientCertificateBoundAccessTokens!: boolean;

  @Field(() => Boolean, { nullable: true, description: 'Its tokens are bound to a key (RFC 9449).' })
  dpopBoundAccessTokens!: boolean;

  @Field(() => Boolean, {
    nullable: true,
    description: 'It must push its authorization requests (RFC 9126).',
  })
  requirePushedAuthorizationRequests!: boolean;

  @Field(() => Boolean, {
    nullable: true,
    description: 'It must sign its authorization requests (RFC 9101).',
  })
  requireSignedRequestObject!: boolean;

  @Field(() => [String], { nullable: true, description: 'Where its request objects may be fetched from.' })
  requestUris!: string[];

  @Field(() => SubjectType, { nullable: true, description: 'How it knows people (OpenID Connect Core §8).' })
  subjectType!: SubjectType;

  @Field(() => String, {
    nullable: true,
    description: 'A JSON list of redirect URIs: clients of one host share pairwise subjects.',
  })
  sectorIdentifierUri!: string | null;

  @Field(() => SigningAlgorithm, { nullable: true, description: "Absent: the installation's algorithm." })
  idTokenSignedResponseAlg!: SigningAlgorithm | null;

  @Field(() => SigningAlgorithm, { nullable: true, description: 'Absent: userinfo is plain JSON.' })
  userinfoSignedResponseAlg!: SigningAlgorithm | null;

  @Field(() => SigningAlgorithm, { nullable: true, description: 'Absent: introspection is plain JSON.' })
  introspectionSignedResponseAlg!: SigningAlgorithm | null;

  @Field(() => SigningAlgorithm, {
    nullable: true,
    description: "Of authorization answers in a JWT; absent: the installation's algorithm.",
  })
  authorizationSignedResponseAlg!: SigningAlgorithm | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where it is told of sign-outs (OpenID Connect Back-Channel Logout).',
  })
  backchannelLogoutUri!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'It needs the session in logout tokens; they always have it.',
  })
  backchannelLogoutSessionRequired!: boolean;

  @Field(() => [String], {
    nullable: true,
    description: 'Types of `authorization_details` that it may ask for (RFC 9396).',
  })
  authorizationDetailsTypes!: string[];

  @Field(() => [String], {
    nullable: true,
    description: 'CIDR ranges that its tokens are valid from; empty: everywhere.',
  })
  allowedNetworks!: string[];

  @Field(() => Boolean, { nullable: true, description: 'A refresh ends the access tokens that came before.' })
  refreshRevokesAccessTokens!: boolean;
}

/** What both making and changing a client may set. */
@InputType()
export abstract class ClientMetadataInput {
  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => Boolean, { nullable: true })
  firstParty?: boolean | null;

  @Field(() => [String], { nullable: true })
  redirectUris?: string[] | null;

  @Field(() => [String], { nullable: true })
  postLogoutRedirectUris?: string[] | null;

  @Field(() => [String], { nullable: true })
  scopes?: string[] | null;

  @Field(() => [String], { nullable: true })
  roles?: string[] | null;

  @Field(() => Int, { nullable: true })
  accessTokenTtlSeconds?: number | null;

  @Field(() => Int, { nullable: true })
  refreshTokenTtlSeconds?: number | null;

  @Field(() => String, { nullable: true })
  logoUri?: string | null;

  @Field(() => String, { nullable: true })
  clientUri?: string | null;

  @Field(() => String, { nullable: true })
  policyUri?: string | null;

  @Field(() => String, { nullable: true })
  tosUri?: string | null;

  @Field(() => [String], { nullable: true })
  contacts?: string[] | null;

  @Field(() => JsonObject, { nullable: true, description: 'Its public keys (RFC 7517).' })
  jwks?: PublicKeySet | null;

  @Field(() => String, { nullable: true, description: 'Where its public keys are; instead of `jwks`.' })
  jwksUri?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'For `TLS_CLIENT_AUTH`: subject of its certificate (RFC 4514).',
  })
  tlsClientAuthSubjectDn?: string | null;

  @Field(() => String, { nullable: true, description: 'For `TLS_CLIENT_AUTH`: DNS name in its certificate.' })
  tlsClientAuthSanDns?: string | null;

  @Field(() => String, { nullable: true, description: 'For `TLS_CLIENT_AUTH`: URI in its certificate.' })
  tlsClientAuthSanUri?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Its tokens are bound to its certificate (RFC 8705).',
  })
  tlsClientCertificateBoundAccessTokens?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Its tokens are bound to a key (RFC 9449).' })
  dpopBoundAccessTokens?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'It must push its authorization requests (RFC 9126).',
  })
  requirePushedAuthorizationRequests?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'It must sign its authorization requests (RFC 9101).',
  })
  requireSignedRequestObject?: boolean | null;

  @Field(() => [String], { nullable: true, description: 'Where its request objects may be fetched from.' })
  requestUris?: string[] | null;

  @Field(() => SubjectType, { nullable: true, description: 'How it knows people (OpenID Connect Core §8).' })
  subjectType?: SubjectType | null;

  @Field(() => String, {
    nullable: true,
    description: 'A JSON list of redirect URIs: clients of one host share pairwise subjects.',
  })
  sectorIdentifierUri?: string | null;

  @Field(() => SigningAlgorithm, { nullable: true, description: "Absent: the installation's algorithm." })
  idTokenSignedResponseAlg?: SigningAlgorithm | null;

  @Field(() => SigningAlgorithm, { nullable: true, description: 'Absent: userinfo is plain JSON.' })
  userinfoSignedResponseAlg?: SigningAlgorithm | null;

  @Field(() => SigningAlgorithm, { nullable: true, description: 'Absent: introspection is plain JSON.' })
  introspectionSignedResponseAlg?: SigningAlgorithm | null;

  @Field(() => SigningAlgorithm, {
    nullable: true,
    description: "Of authorization answers in a JWT; absent: the installation's algorithm.",
  })
  authorizationSignedResponseAlg?: SigningAlgorithm | null;

  @Field(() => String, {
    nullable: true,
    description: 'Where it is told of sign-outs (OpenID Connect Back-Channel Logout).',
  })
  backchannelLogoutUri?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'It needs the session in logout tokens; they always have it.',
  })
  backchannelLogoutSessionRequired?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Types of `authorization_details` that it may ask for (RFC 9396).',
  })
  authorizationDetailsTypes?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'CIDR ranges that its tokens are valid from; empty: everywhere.',
  })
  allowedNetworks?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'A refresh ends the access tokens that came before.' })
  refreshRevokesAccessTokens?: boolean | null;
}
