import { type PublicDocument, publicDocument, sendPublicDocument } from '../http/publicDocuments.js';
import type { Deps } from '../identity/deps.js';
import { jwksSchema } from './documentation/published.js';
import type { Endpoint } from './endpoint.js';

/** The age is short against that of a key: `next` keys are published long before they sign. */
const DOCUMENT = { contentType: 'application/jwk-set+json; charset=utf-8', maxAgeSeconds: 300 };

/** RFC 7517 §5: next, current and retired public keys. */
export const jwksEndpoint: Endpoint = {
  path: '/.well-known/jwks.json',
  methods: ['GET'],
  schema: jwksSchema,
  metadata: (url) => ({ jwks_uri: url }),
  document: documentOf,
  async handle({ deps, request, reply }) {
    sendPublicDocument(request, reply, documentOf(deps));
  },
};

const known = new WeakMap<object, PublicDocument>();

function documentOf({ keys }: Pick<Deps, 'keys'>): PublicDocument {
  const jwks = keys.publicJwks();
  const made = known.get(jwks) ?? publicDocument(jwks, DOCUMENT);
  known.set(jwks, made);
  return made;
}
