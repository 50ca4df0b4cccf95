import { type Schema, string, TAGS } from './parts.js';

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
