import type { Config } from '../../config/schema.js';
import { ADMINISTRATOR_ROLE } from '../../identity/accounts/administrators.js';
import { error, type Finding, ok, warning } from './finding.js';

const CHECK = 'settings';
const SHORTEST_TOKEN_SECONDS = 60;
const LONGEST_TOKEN_SECONDS = 3600;
const SHORTEST_SESSION_SECONDS = 900;
const SHORTEST_PASSWORD = 8;

/** A setting that is weak: what it is, and whether production must not have it. */
interface Weakness {
  readonly when: boolean;
  readonly message: string;
  readonly worstInProduction: 'warning' | 'error';
  /** Convenient on a developer's machine: not told there. */
  readonly productionOnly?: boolean;
}

/** Settings that are allowed and weak. What is convenient in development is told as a fault of production only. */
export function checkSettings(config: Config): Finding[] {
  const production = config.environment === 'production';
  const found = weaknesses(config).filter(
    ({ when, productionOnly }) => when && (production || !productionOnly),
  );
  if (found.length === 0) return [ok(CHECK, `nothing weak for ${config.environment}`)];
  return found.map(({ message, worstInProduction }) =>
    (production && worstInProduction === 'error' ? error : warning)(CHECK, message),
  );
}

function weaknesses(config: Config): Weakness[] {
  return [...exposure(config), ...stores(config), ...lifetimes(config), ...factors(config)];
}

function exposure(config: Config): Weakness[] {
  const { graphql, http, listen, metrics, outbound } = config;
  return [
    {
      when: config.issuer.startsWith('http:'),
      message: `the issuer ${config.issuer} is not https: tokens and cookies travel in clear`,
      worstInProduction: 'error',
      productionOnly: true,
    },
    {
      when: graphql.introspection === true || graphql.sandbox === true || graphql.explorer === true,
      message: 'GraphQL introspection, Sandbox or explorer are on in production',
      worstInProduction: 'warning',
      productionOnly: true,
    },
    {
      when: metrics.enabled && metrics.token === undefined && !isLoopback(listen.host),
      message: 'metrics have no token: every private address may read them (metrics.token)',
      worstInProduction: 'warning',
    },
    {
      when: listen.trustedProxies.some((range) => range.endsWith('/0')),
      message: 'listen.trustedProxies believes everybody: anyone can choose the address that limits count by',
      worstInProduction: 'error',
    },
    {
      when: http.corsOrigins.includes('*'),
      message: 'http.corsOrigins lets every origin in',
      worstInProduction: 'error',
    },
    {
      when: outbound.allowPrivateNetworks,
      message: 'outbound.allowPrivateNetworks: clients can make this server ask machines of your network',
      worstInProduction: 'warning',
      productionOnly: true,
    },
    {
      when: !config.rateLimits.enabled,
      message: 'rate limits are off (rateLimits.enabled)',
      worstInProduction: 'error',
    },
    {
      when: config.admin.password !== undefined,
      message: 'admin.password stands in the configuration; it is of no use after the first start',
      worstInProduction: 'warning',
      productionOnly: true,
    },
  ];
}

function stores(config: Config): Weakness[] {
  return [
    {
      when: !config.stores.mongodbUri,
      message: 'the embedded store is for first steps and small installations: set MONGODB_URI',
      worstInProduction: 'warning',
      productionOnly: true,
    },
    {
      when: !config.stores.redisUrl && config.workers > 1,
      message: 'several workers without Redis: each counts rate limits for itself',
      worstInProduction: 'warning',
    },
    {
      when: !config.mail.smtpUrl,
      message: 'there is no mail transport (mail.smtpUrl): nobody gets a letter',
      worstInProduction: 'error',
    },
  ];
}

function lifetimes({ tokens, sessions, passwords }: Config): Weakness[] {
  const { accessTokenTtlSeconds } = tokens;
  return [
    {
      when: accessTokenTtlSeconds < SHORTEST_TOKEN_SECONDS,
      message: `access tokens live ${accessTokenTtlSeconds} s: clocks that differ a little refuse them`,
      worstInProduction: 'warning',
    },
    {
      when: accessTokenTtlSeconds > LONGEST_TOKEN_SECONDS,
      message: `access tokens live ${accessTokenTtlSeconds} s: APIs that verify them alone learn a revocation that late`,
      worstInProduction: 'warning',
    },
    {
      when: sessions.absoluteTtlSeconds < SHORTEST_SESSION_SECONDS,
      message: `sessions end after ${sessions.absoluteTtlSeconds} s`,
      worstInProduction: 'warning',
    },
    {
      when: tokens.refreshTokenTtlSeconds <= accessTokenTtlSeconds,
      message: 'refresh tokens live no longer than access tokens',
      worstInProduction: 'warning',
    },
    {
      when: passwords.minLength < SHORTEST_PASSWORD,
      message: `passwords may have ${passwords.minLength} characters (passwords.minLength)`,
      worstInProduction: 'error',
    },
  ];
}

function factors({ factors: { demands, emailSignIn, requiredAcr } }: Config): Weakness[] {
  const isDemanded = requiredAcr !== 'aal1' || demands.some(({ role }) => role === ADMINISTRATOR_ROLE);
  return [
    {
      when: emailSignIn.length > 0 && !isDemanded,
      message: `whoever reads the mail of an administrator is one (factors.emailSignIn): demand a second factor of the role ${ADMINISTRATOR_ROLE} (factors.demands)`,
      worstInProduction: 'warning',
      productionOnly: true,
    },
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
