import type { Endpoint } from './endpoint.js';

type Schema = Endpoint['schema'];

const TAGS = ['OAuth'];
const FORM = ['application/x-www-form-urlencoded'];
const string = { type: 'string' } as const;
const details = { type: 'object', additionalProperties: true } as const;
const clientAuthentication = {
  client_id: { type: 'string', description: 'Public clients, and client_secret_post' },
  client_secret: { type: 'string', description: 'client_secret_post' },
  client_assertion: { type: 'string', description: 'private_key_jwt (RFC 7523 §2.2)' },
  client_assertion_type: { type: 'string', description: 'Goes with client_assertion' },
} as const;

const error = (description: string) => ({
  description,
  type: 'object',
  required: ['error'],
  properties: { error: string, error_description: string, request_id: string },
});

const clientErrors = {
  400: error('invalid_request and the other errors of RFC 6749 §5.2'),
  401: error('invalid_client'),
  405: error('Another method than POST; see Allow'),
  429: error('Too many requests; see Retry-After'),
  503: error('The service is busy or out of order; see Retry-After'),
};
const bearerErrors = {
  400: error('invalid_request'),
  401: error('invalid_token; see WWW-Authenticate (RFC 6750 §3)'),
  403: error('insufficient_scope'),
  429: error('Too many requests; see Retry-After'),
};

// What follows describes; it validates nothing (see `Endpoint.schema`).

export const tokenSchema: Schema = {
  tags: TAGS,
  operationId: 'token',
  summary:
    'Issue tokens (RFC 6749 §3.2): authorization_code, refresh_token, client_credentials, device_code, password',
  consumes: FORM,
  security: [{ clientBasic: [] }, {}],
  body: {
    type: 'object',
    required: ['grant_type'],
    properties: {
      grant_type: string,
      code: { type: 'string', description: 'authorization_code' },
      redirect_uri: { type: 'string', description: 'authorization_code: as in the authorization request' },
      code_verifier: { type: 'string', description: 'authorization_code (RFC 7636)' },
      username: { type: 'string', description: 'password: e-mail address, phone number or username' },
      password: { type: 'string', description: 'password' },
      refresh_token: { type: 'string', description: 'refresh_token' },
      device_code: { type: 'string', description: 'device_code (RFC 8628)' },
      subject_token: { type: 'string', description: 'token-exchange (RFC 8693)' },
      subject_token_type: {
        type: 'string',
        description: 'token-exchange: access_token or id_token, as a URN',
      },
      actor_token: { type: 'string', description: 'token-exchange: who acts; absent: nobody is named' },
      actor_token_type: { type: 'string', description: 'token-exchange: beside actor_token' },
      requested_token_type: { type: 'string', description: 'token-exchange: access_token only' },
      audience: { type: 'string', description: 'token-exchange: as resource' },
      scope: { type: 'string', description: 'Space-separated; absent: all that the client may have' },
      resource: { type: 'string', description: 'The API that the token is for (RFC 8707); may be repeated' },
      ...clientAuthentication,
    },
  },
  response: {
    200: {
      description: 'The tokens (RFC 6749 §5.1)',
      type: 'object',
      required: ['access_token', 'token_type', 'expires_in', 'scope'],
      properties: {
        access_token: string,
        token_type: { type: 'string', enum: ['Bearer', 'DPoP'] },
        expires_in: { type: 'integer', description: 'Seconds' },
        refresh_token: string,
        id_token: string,
        scope: { type: 'string', description: 'Of the access token: what its resource knows of it' },
        authorization_details: { type: 'array', items: details, description: 'RFC 9396 §7' },
      },
    },
    ...clientErrors,
  },
};

/** The answers of pages that a browser visits on its way. */
const browserAnswers = {
  303: { description: 'On to the app, or to a page for the person', type: 'null' },
  400: error('Client or redirect URI are not proven; a browser gets a page'),
} as const;

export const authorizeSchema: Schema = {
  tags: TAGS,
  operationId: 'authorize',
  summary:
    'Ask the person in this browser for an authorization code (RFC 6749 §4.1, OpenID Connect Core §3.1.2)',
  response: {
    200: { description: 'response_mode=form_post: a page that posts the answer', type: 'string' },
    ...browserAnswers,
  },
};

export const pushedRequestSchema: Schema = {
  tags: TAGS,
  operationId: 'pushAuthorizationRequest',
  summary: 'Hand over an authorization request; the browser carries the reference (RFC 9126)',
  consumes: FORM,
  security: [{ clientBasic: [] }, {}],
  body: {
    type: 'object',
    properties: {
      request: { type: 'string', description: 'All of it as a signed request object (RFC 9101)' },
      response_type: { type: 'string', enum: ['code'] },
      redirect_uri: string,
      scope: string,
      state: string,
      nonce: string,
      code_challenge: string,
      code_challenge_method: { type: 'string', enum: ['S256'] },
      ...clientAuthentication,
    },
    additionalProperties: true,
  },
  response: {
    201: {
      description: 'The reference, for one use by this client',
      type: 'object',
      required: ['request_uri', 'expires_in'],
      properties: { request_uri: string, expires_in: { type: 'integer', description: 'Seconds' } },
    },
    ...clientErrors,
  },
};

export const resumeSchema: Schema = {
  tags: TAGS,
  operationId: 'resumeAuthorization',
  summary: 'Where the hosted pages lead back into an authorization',
  response: browserAnswers,
};

export const logoutSchema: Schema = {
  tags: TAGS,
  operationId: 'endSession',
  summary: 'Ask the person in this browser whether to sign out (OpenID Connect RP-Initiated Logout)',
  response: browserAnswers,
};

export const deviceAuthorizationSchema: Schema = {
  tags: TAGS,
  operationId: 'deviceAuthorization',
  summary: 'Begin to connect a device without a browser (RFC 8628 §3.1)',
  consumes: FORM,
  security: [{ clientBasic: [] }, {}],
  body: {
    type: 'object',
    properties: {
      scope: { type: 'string', description: 'Space-separated; absent: all that the client may have' },
      resource: {
        type: 'string',
        description: 'What the tokens are for (RFC 8707); may come more than once',
      },
      authorization_details: { type: 'string', description: 'What exactly it may do, as JSON (RFC 9396)' },
      ...clientAuthentication,
    },
  },
  response: {
    200: {
      description: 'What the device polls with, and what it shows (RFC 8628 §3.2)',
      type: 'object',
      required: ['device_code', 'user_code', 'verification_uri', 'expires_in'],
      properties: {
        device_code: string,
        user_code: string,
        verification_uri: string,
        verification_uri_complete: string,
        expires_in: { type: 'integer', description: 'Seconds' },
        interval: { type: 'integer', description: 'Seconds between two polls' },
      },
    },
    ...clientErrors,
  },
};

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

export const jwksSchema: Schema = {
  tags: TAGS,
  operationId: 'jwks',
  summary: 'The public keys that verify tokens (RFC 7517)',
  response: {
    200: {
      description: 'The key set',
      type: 'object',
      required: ['keys'],
      properties: { keys: { type: 'array', items: { type: 'object', additionalProperties: true } } },
    },
    304: { description: 'Not changed since the ETag given', type: 'null' },
  },
};

export const discoverySchema = (operationId: string, summary: string): Schema => ({
  tags: TAGS,
  operationId,
  summary,
  response: {
    200: {
      description: 'The metadata',
      type: 'object',
      required: ['issuer'],
      properties: { issuer: string },
      additionalProperties: true,
    },
    304: { description: 'Not changed since the ETag given', type: 'null' },
  },
});
