import type { Endpoint } from '../endpoint.js';

// What the descriptions of endpoints have in common. They describe; they validate nothing (see `Endpoint.schema`).

export type Schema = Endpoint['schema'];

export const TAGS = ['OAuth'];
export const FORM = ['application/x-www-form-urlencoded'];
export const string = { type: 'string' } as const;
export const details = { type: 'object', additionalProperties: true } as const;
export const clientAuthentication = {
  client_id: { type: 'string', description: 'Public clients, and client_secret_post' },
  client_secret: { type: 'string', description: 'client_secret_post' },
  client_assertion: { type: 'string', description: 'private_key_jwt (RFC 7523 §2.2)' },
  client_assertion_type: { type: 'string', description: 'Goes with client_assertion' },
} as const;

export const error = (description: string) => ({
  description,
  type: 'object',
  required: ['error'],
  properties: { error: string, error_description: string, request_id: string },
});

export const clientErrors = {
  400: error('invalid_request and the other errors of RFC 6749 §5.2'),
  401: error('invalid_client'),
  405: error('Another method than POST; see Allow'),
  429: error('Too many requests; see Retry-After'),
  503: error('The service is busy or out of order; see Retry-After'),
};
