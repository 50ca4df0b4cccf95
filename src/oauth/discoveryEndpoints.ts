import { basePathOf } from '../http/basePath.js';
import { type PublicDocument, publicDocument, sendPublicDocument } from '../http/publicDocuments.js';
import type { Deps } from '../identity/deps.js';
import { signingAlgorithms } from '../identity/keys/algorithms.js';
import type { Policy } from '../policies/rule.js';
import { discoverySchema } from './documentation/published.js';
import type { Endpoint } from './endpoint.js';

const DOCUMENT = { contentType: 'application/json; charset=utf-8', maxAgeSeconds: 300 };

/**
 * The metadata documents of the given endpoints, one under each name that clients look for: RFC 8414 §3.1 puts the
 * issuer's path behind the well-known name, OpenID Connect Discovery §4 before it.
 */
export function discoveryEndpoints(issuer: string, endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const path = basePathOf({ issuer });
  const known = new WeakMap<Policy, PublicDocument>();
  // The configuration never changes, the policy does: it names the scopes.
  const documentOf = (deps: Deps): PublicDocument => {
    const policy = deps.policy.current();
    const made = known.get(policy) ?? publicDocument(metadata(deps, endpoints), DOCUMENT);
    known.set(policy, made);
    return made;
  };
  const document = (name: string, at: string, summary: string): Endpoint => ({
    path: at,
    methods: ['GET'],
    schema: discoverySchema(name, summary),
    metadata: () => ({}),
    document: documentOf,
    async handle({ deps, request, reply }) {
      sendPublicDocument(request, reply, documentOf(deps));
    },
  });
  return [
    document(
      'authorizationServerMetadata',
      `/.well-known/oauth-authorization-server${path}`,
      'Authorization server metadata (RFC 8414)',
    ),
    document(
      'openidConfiguration',
      `${path}/.well-known/openid-configuration`,
      'OpenID provider metadata (OpenID Connect Discovery)',
    ),
  ];
}

/** What is mounted says of itself what it can; only what no endpoint knows is added here. */
function metadata(deps: Deps, endpoints: readonly Endpoint[]): Record<string, unknown> {
  const { issuer } = deps.config;
  const found = Object.assign(
    {},
    ...endpoints.map((endpoint) => endpoint.metadata(`${issuer}${endpoint.path}`, deps)),
  ) as Record<string, unknown>;
  return {
    issuer,
    // REQUIRED by RFC 8414 §2 also where no endpoint answers authorization requests.
    response_types_supported: [],
    ...found,
    ...mutualTlsMetadata(deps.config, found),
    scopes_supported: [...deps.policy.current().scopes.keys()].sort(),
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: signingAlgorithms(deps.config),
  };
}

/** RFC 8705 §3.3 and §5: where certificates are asked for elsewhere, the same endpoints under that address. */
function mutualTlsMetadata(
  { issuer, mutualTls }: Deps['config'],
  found: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (!mutualTls.enabled) return {};
  const bound = { tls_client_certificate_bound_access_tokens: true };
  const elsewhere = mutualTls.endpointBase?.replace(/\/$/, '');
  if (elsewhere === undefined) return bound;
  const aliases = WITH_CERTIFICATE.flatMap((name) => {
    const url = found[name];
    return typeof url === 'string' ? [[name, url.replace(issuer, elsewhere)]] : [];
  });
  return { ...bound, mtls_endpoint_aliases: Object.fromEntries(aliases) as Record<string, string> };
}

/** Where a client proves itself or shows a token that is bound to its certificate. */
const WITH_CERTIFICATE = [
  'token_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'pushed_authorization_request_endpoint',
  'device_authorization_endpoint',
  'userinfo_endpoint',
];
