import type { OwnMetadata } from '../../identity/clients/registration/registration.js';
import { type GrantType, type PublicKeySet, TOKEN_ENDPOINT_AUTH_METHODS } from '../../models/client.js';
import { RegistrationRefusal } from './refusal.js';

type Kind = 'text' | 'texts' | 'flag' | 'object' | 'scope';

/**
 * RFC 7591 §2, OpenID Connect Registration §2, RFC 8705 §2.1.2, RFC 9101 §10.5, RFC 9126 §6, RFC 9449 §5.2, RFC 9701 §6,
 * JARM §3, OpenID Connect RP-Initiated and Back-Channel Logout: each parameter, what it must be, and our name of it.
 */
export const PARAMETERS = {
  client_name: ['text', 'name'],
  token_endpoint_auth_method: ['text', 'tokenEndpointAuthMethod'],
  grant_types: ['texts', 'grantTypes'],
  redirect_uris: ['texts', 'redirectUris'],
  post_logout_redirect_uris: ['texts', 'postLogoutRedirectUris'],
  scope: ['scope', 'scopes'],
  contacts: ['texts', 'contacts'],
  logo_uri: ['text', 'logoUri'],
  client_uri: ['text', 'clientUri'],
  policy_uri: ['text', 'policyUri'],
  tos_uri: ['text', 'tosUri'],
  jwks: ['object', 'jwks'],
  jwks_uri: ['text', 'jwksUri'],
  tls_client_auth_subject_dn: ['text', 'tlsClientAuthSubjectDn'],
  tls_client_auth_san_dns: ['text', 'tlsClientAuthSanDns'],
  tls_client_auth_san_uri: ['text', 'tlsClientAuthSanUri'],
  tls_client_certificate_bound_access_tokens: ['flag', 'tlsClientCertificateBoundAccessTokens'],
  dpop_bound_access_tokens: ['flag', 'dpopBoundAccessTokens'],
  require_pushed_authorization_requests: ['flag', 'requirePushedAuthorizationRequests'],
  require_signed_request_object: ['flag', 'requireSignedRequestObject'],
  request_uris: ['texts', 'requestUris'],
  subject_type: ['text', 'subjectType'],
  sector_identifier_uri: ['text', 'sectorIdentifierUri'],
  id_token_signed_response_alg: ['text', 'idTokenSignedResponseAlg'],
  userinfo_signed_response_alg: ['text', 'userinfoSignedResponseAlg'],
  introspection_signed_response_alg: ['text', 'introspectionSignedResponseAlg'],
  authorization_signed_response_alg: ['text', 'authorizationSignedResponseAlg'],
  backchannel_logout_uri: ['text', 'backchannelLogoutUri'],
  backchannel_logout_session_required: ['flag', 'backchannelLogoutSessionRequired'],
} as const satisfies Record<string, readonly [Kind, keyof OwnMetadata]>;

const CHECKS: Record<Kind, { is: (value: unknown) => boolean; must: string }> = {
  text: { is: (value) => typeof value === 'string', must: 'must be a string' },
  texts: { is: isTexts, must: 'must be a list of strings' },
  flag: { is: (value) => typeof value === 'boolean', must: 'must be true or false' },
  object: { is: isObject, must: 'must be an object' },
  scope: { is: (value) => typeof value === 'string', must: 'must be a string' },
};

/**
 * Reads the metadata that a client sends of itself, with the defaults of RFC 7591 §2. Null and empty are as if left out;
 * what is unknown is ignored, as the RFC has it. @throws RegistrationRefusal
 */
export function readMetadata(document: Readonly<Record<string, unknown>>): OwnMetadata {
  if (document['software_statement'] !== undefined) {
    throw new RegistrationRefusal('unapproved_software_statement', 'no software statement is trusted here');
  }
  const given: Record<string, unknown> = {};
  for (const [parameter, [kind, name]] of Object.entries(PARAMETERS)) {
    const value = document[parameter];
    if (value === undefined || value === null || value === '') continue;
    const { is, must } = CHECKS[kind];
    if (!is(value)) throw new RegistrationRefusal('invalid_client_metadata', `${parameter} ${must}`);
    given[name] = kind === 'scope' ? (value as string).split(' ').filter(Boolean) : value;
  }
  assertOneOf('token_endpoint_auth_method', given['tokenEndpointAuthMethod'], TOKEN_ENDPOINT_AUTH_METHODS);
  assertOneOf('subject_type', given['subjectType'], ['public', 'pairwise']);
  assertOneOf('application_type', document['application_type'], ['web', 'native']);
  const grantTypes = (given['grantTypes'] as GrantType[] | undefined) ?? ['authorization_code'];
  assertResponseTypes(document['response_types'], grantTypes);
  return {
    ...given,
    // A client without a name must be told apart by the people who are asked about it.
    name: (given['name'] as string | undefined) ?? 'App without a name',
    grantTypes,
    ...(given['jwks'] ? { jwks: given['jwks'] as PublicKeySet } : {}),
  };
}

/** §2.1: the two lists say the same thing twice, and must agree. */
function assertResponseTypes(value: unknown, grantTypes: readonly string[]): void {
  if (value === undefined || value === null) return;
  if (!isTexts(value))
    throw new RegistrationRefusal('invalid_client_metadata', 'response_types must be a list of strings');
  const types = value as string[];
  if (types.some((type) => type !== 'code')) {
    throw new RegistrationRefusal('invalid_client_metadata', 'response_types may hold code only');
  }
  if (types.includes('code') !== grantTypes.includes('authorization_code')) {
    throw new RegistrationRefusal('invalid_client_metadata', 'response_types does not fit grant_types');
  }
}

function assertOneOf(parameter: string, value: unknown, known: readonly string[]): void {
  if (value === undefined || value === null || known.includes(value as string)) return;
  throw new RegistrationRefusal('invalid_client_metadata', `${parameter} must be one of ${known.join(', ')}`);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
