import type { Endpoint } from '../endpoint.js';

const document = (description: string) => ({ description, type: 'object', additionalProperties: true });
const error = (description: string) => ({
  description,
  type: 'object',
  required: ['error'],
  properties: {
    error: { type: 'string' },
    error_description: { type: 'string' },
    request_id: { type: 'string' },
  },
});
const errors = {
  400: error('invalid_redirect_uri, invalid_client_metadata, unapproved_software_statement, invalid_request'),
  401: error('invalid_token; see WWW-Authenticate'),
  429: error('Too many requests; see Retry-After'),
};

export const registrationSchema: Endpoint['schema'] = {
  tags: ['OAuth'],
  operationId: 'registerClient',
  summary: 'Register a client (RFC 7591 §3)',
  body: document('Client metadata'),
  response: { 201: document('The client, its secret and its registration access token'), ...errors },
};

export const registrationManagementSchema: Endpoint['schema'] = {
  tags: ['OAuth'],
  operationId: 'manageClient',
  summary: 'Read (GET), replace (PUT) or remove (DELETE) a registered client (RFC 7592 §2)',
  params: { type: 'object', properties: { clientId: { type: 'string' } }, required: ['clientId'] },
  response: {
    200: document('The client; after PUT with a new registration access token'),
    204: { description: 'DELETE: the client and its tokens are gone', type: 'null' },
    ...errors,
  },
};
