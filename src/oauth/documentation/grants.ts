import { clientAuthentication, clientErrors, details, FORM, type Schema, string, TAGS } from './parts.js';

export const tokenSchema: Schema = {
  tags: TAGS,
  operationId: 'token',
  summary:
    'Issue tokens (RFC 6749 §3.2): authorization_code, refresh_token, client_credentials, device_code, token-exchange, password',
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
      authorization_details: { type: 'string', description: 'client_credentials: as JSON (RFC 9396)' },
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
