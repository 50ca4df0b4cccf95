import type { Deps } from '../identity/deps.js';
import { jwksSchema } from './documentation.js';
import type { Endpoint } from './endpoint.js';
import { type PublicDocument, publicDocument, sendPublicDocument } from './publicDocument.js';

/** Short against the age of a key: `next` keys are published long before they sign. */
const MAX_AGE_SECONDS = 300;

/** RFC 7517 §5: next, current and retired public keys. */
export const jwksEndpoint: Endpoint = {
  path: '/.well-known/jwks.json',
  methods: ['GET'],
  schema: jwksSchema,
  metadata: (url) => ({ jwks_uri: url }),
  async handle({ deps, request, reply }) {
    sendPublicDocument(request, reply, documentOf(deps), {
      contentType: 'application/jwk-set+json; charset=utf-8',
      maxAgeSeconds: MAX_AGE_SECONDS,
    });
  },
};

const known = new WeakMap<Deps['keys'], { kids: string; document: PublicDocument }>();

/** A key never changes under its `kid`, so the same kids are the same document. */
function documentOf({ keys }: Pick<Deps, 'keys'>): PublicDocument {
  const jwks = keys.publicJwks();
  const kids = jwks.keys.map(({ kid }) => kid).join(' ');
  const last = known.get(keys);
  if (last?.kids === kids) return last.document;
  const document = publicDocument(jwks);
  known.set(keys, { kids, document });
  return document;
}
