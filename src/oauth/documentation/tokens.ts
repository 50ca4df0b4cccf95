import {
  clientAuthentication,
  clientErrors,
  details,
  error,
  FORM,
  type Schema,
  string,
  TAGS,
} from './parts.js';

const tokenInBody = {
  type: 'object',
  required: ['token'],
  properties: {
    token: string,
    token_type_hint: { type: 'string', description: 'access_token or refresh_token' },
    ...clientAuthentication,
  },
};

export const revocationSchema: Schema = {
  tags: TAGS,
  operationId: 'revoke',
  summary: 'Revoke a token (RFC 7009); unknown tokens are answered alike',
  consumes: FORM,
  security: [{ clientBasic: [] }, {}],
  body: tokenInBody,
  response: { 200: { description: 'The token is not valid (any more)', type: 'null' }, ...clientErrors },
};

export const introspectionSchema: Schema = {
  tags: TAGS,
  operationId: 'introspect',
  summary: 'Ask whether a token is active (RFC 7662, signed: RFC 9701); confidential clients only',
  consumes: FORM,
  security: [{ clientBasic: [] }, {}],
  body: {
    ...tokenInBody,
    properties: {
      ...tokenInBody.properties,
      client_address: { type: 'string', description: 'IP address from which the token came to the caller' },
    },
  },
  response: {
    200: {
      description: 'What the token stands for; only `active: false` when it is not active',
      type: 'object',
      required: ['active'],
      properties: {
        active: { type: 'boolean' },
        scope: string,
        client_id: string,
        token_type: string,
        sub: string,
        aud: { type: 'array', items: string },
        iss: string,
        exp: { type: 'integer', description: 'Epoch seconds' },
        iat: { type: 'integer', description: 'Epoch seconds' },
        jti: string,
        sid: string,
        cnf: details,
        act: details,
        authorization_details: { type: 'array', items: details },
        allowed_networks: { type: 'array', items: string },
      },
    },
    ...clientErrors,
  },
};

const bearerErrors = {
  400: error('invalid_request'),
  401: error('invalid_token; see WWW-Authenticate (RFC 6750 §3)'),
  403: error('insufficient_scope'),
  429: error('Too many requests; see Retry-After'),
};

export const userinfoSchema: Schema = {
  tags: TAGS,
  operationId: 'userinfo',
  summary: 'Claims about the user of the access token, by its scopes (OpenID Connect Core §5.3)',
  security: [{ bearer: [] }],
  response: {
    200: {
      description: 'The claims',
      type: 'object',
      required: ['sub'],
      properties: { sub: string },
      additionalProperties: true,
    },
    ...bearerErrors,
  },
};
