import { jwksSchema } from './documentation.js';
import type { Endpoint } from './endpoint.js';
import { sendPublicDocument } from './publicDocument.js';

/** Short against the age of a key: `next` keys are published long before they sign. */
const MAX_AGE_SECONDS = 300;

/** RFC 7517 §5: next, current and retired public keys. */
export const jwksEndpoint: Endpoint = {
  path: '/.well-known/jwks.json',
  methods: ['GET'],
  schema: jwksSchema,
  metadata: (url) => ({ jwks_uri: url }),
  async handle({ deps, request, reply }) {
    sendPublicDocument(request, reply, {
      body: deps.keys.publicJwks(),
      contentType: 'application/jwk-set+json; charset=utf-8',
      maxAgeSeconds: MAX_AGE_SECONDS,
    });
  },
};
