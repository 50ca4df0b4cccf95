import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import { defaultAudience } from './accessToken.js';

/** What userinfo answers for: a grant with `openid` always reaches it, whatever API it was made for. */
const IDENTITY_SCOPES: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'phone', 'address']);

type TargetConfig = Pick<Config, 'issuer' | 'tokens' | 'resources'>;
type Resource = Config['resources'][number];

/** What an access token will be: for whom, with which rights, for how long, in which form. */
export interface TokenTarget {
  readonly audience: readonly string[];
  readonly scopes: string[];
  readonly ttlSeconds: number;
  readonly format: 'jwt' | 'opaque';
  readonly algorithm: string;
  /** The key of HS256; null for every other algorithm. */
  readonly sharedSecret: string | null;
}

/** What a grant was made for. */
export interface Granted {
  readonly resources: readonly string[];
  readonly scopes: readonly string[];
}

/**
 * The resources as they were asked for, each once, when all of them are known (RFC 8707 §2). Fieldgate's own API stands
 * alone: a token that opened it as well as another API could be used here by that API. @throws AppError INVALID_TARGET
 */
export function knownResources(config: TargetConfig, requested: readonly string[]): readonly string[] {
  const own = defaultAudience(config);
  const resources = [...new Set(requested)];
  const known = new Set([own, ...config.resources.map(({ identifier }) => identifier)]);
  if (resources.some((resource) => !known.has(resource))) {
    throw new AppError('INVALID_TARGET', 'a resource that is not known');
  }
  if (resources.includes(own) && resources.length > 1) {
    throw new AppError('INVALID_TARGET', 'the own API and another one in one token');
  }
  return resources;
}

/**
 * The resources that one access token of a grant is for (RFC 8707 §2.2): those asked for, which must be among those
 * granted; else all that were granted. @throws AppError INVALID_TARGET
 */
export function narrowResources(
  config: TargetConfig,
  granted: Granted,
  requested: readonly string[] = [],
): readonly string[] {
  if (requested.length === 0) return knownResources(config, granted.resources);
  const own = defaultAudience(config);
  const reachesOwn = granted.resources.length === 0 || granted.scopes.includes('openid');
  const wider = requested.filter(
    (resource) => !granted.resources.includes(resource) && !(resource === own && reachesOwn),
  );
  if (wider.length > 0) throw new AppError('INVALID_TARGET', 'a resource that the grant was not made for');
  return knownResources(config, requested);
}

/**
 * How a token for these resources is made, none meaning Fieldgate's own API. Its scopes are those that the resources
 * know; it lives as long as whoever asks for the shortest.
 * @throws AppError INVALID_TARGET for resources that want different tokens: the client must ask for each by itself
 */
export function tokenTarget(
  config: TargetConfig,
  client: Pick<Client, 'accessTokenTtlSeconds'>,
  resources: readonly string[],
  granted: Granted,
): TokenTarget {
  const own = defaultAudience(config);
  const audience = resources.length > 0 ? resources : [own];
  const declared = config.resources.filter(({ identifier }) => audience.includes(identifier));
  const [first, ...others] = declared;
  if (first && others.some((other) => !sameForm(config, first, other))) {
    throw new AppError('INVALID_TARGET', 'resources with tokens of different forms in one token');
  }
  const ttls = declared.flatMap(({ accessTokenTtlSeconds }) => accessTokenTtlSeconds ?? []);
  return {
    audience,
    scopes: audience.includes(own) ? ownScopes(own, granted) : knownScopes(declared, granted.scopes),
    ttlSeconds: Math.min(client.accessTokenTtlSeconds ?? config.tokens.accessTokenTtlSeconds, ...ttls),
    format: first?.tokenFormat ?? 'jwt',
    algorithm: first?.signingAlgorithm ?? config.tokens.algorithm,
    sharedSecret: first?.sharedSecret ?? null,
  };
}

/** A grant for other APIs gives no right at this one but to say who the person is. */
function ownScopes(own: string, { resources, scopes }: Granted): string[] {
  if (resources.length === 0 || resources.includes(own)) return [...scopes];
  return scopes.filter((scope) => IDENTITY_SCOPES.has(scope));
}

function knownScopes(resources: readonly Resource[], scopes: readonly string[]): string[] {
  const known = new Set(resources.flatMap((resource) => resource.scopes));
  return scopes.filter((scope) => known.has(scope));
}

/** Resources with a shared secret never share a token: each could make it for the other. */
function sameForm({ tokens }: TargetConfig, one: Resource, other: Resource): boolean {
  const algorithmOf = (resource: Resource) => resource.signingAlgorithm ?? tokens.algorithm;
  return (
    one.tokenFormat === other.tokenFormat &&
    algorithmOf(one) === algorithmOf(other) &&
    algorithmOf(one) !== 'HS256'
  );
}
