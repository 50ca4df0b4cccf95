import { accessSync, constants } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import type { Config } from '../schema.js';
import type { CheckedFault } from './checkedFault.js';

/** Addresses, URLs, files and pairs of numbers that a single key's type cannot judge. */
export function checkAddresses(config: Config): CheckedFault[] {
  return [
    ...issuerFaults(config.issuer).map((message) => ({ path: ['issuer'], message })),
    ...config.listen.trustedProxies.flatMap((block, index) =>
      isAddressBlock(block)
        ? []
        : [
            {
              path: ['listen', 'trustedProxies', index],
              message: `must be an address or CIDR block, got "${block}"`,
            },
          ],
    ),
    ...config.http.corsOrigins.flatMap((origin, index) =>
      isOrigin(origin)
        ? []
        : [
            {
              path: ['http', 'corsOrigins', index],
              message: `must be an origin such as https://app.example.com, got "${origin}"`,
            },
          ],
    ),
    ...schemeFaults(['stores', 'mongodbUri'], config.stores.mongodbUri, ['mongodb:', 'mongodb+srv:']),
    ...(config.stores.redisUrl?.startsWith('/')
      ? [] // a unix socket
      : schemeFaults(['stores', 'redisUrl'], config.stores.redisUrl, ['redis:', 'rediss:'])),
    ...schemeFaults(['mail', 'smtpUrl'], config.mail.smtpUrl, ['smtp:', 'smtps:']),
    ...(config.tls
      ? [fileFault(['tls', 'cert'], config.tls.cert), fileFault(['tls', 'key'], config.tls.key)].flat()
      : []),
    ...(config.mutualTls.caFile ? fileFault(['mutualTls', 'caFile'], config.mutualTls.caFile) : []),
    ...(config.outbound.caFile ? fileFault(['outbound', 'caFile'], config.outbound.caFile) : []),
    ...orderFaults(config),
  ];
}

/** RFC 8414 §2: no query and no fragment; and clients compare it as text, so there is one way to write it. */
function issuerFaults(issuer: string): string[] {
  const url = new URL(issuer);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return ['must be an http or https URL'];
  return [
    ...(issuer.endsWith('/') ? ['must not end with a slash'] : []),
    ...(issuer.includes('?') ? ['must have no query'] : []),
    ...(issuer.includes('#') ? ['must have no fragment'] : []),
    ...(url.username || url.password ? ['must have no user name or password'] : []),
  ];
}

function isAddressBlock(block: string): boolean {
  const [address = '', bits, ...rest] = block.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(
      address,
      /^\d+$/.test(bits) ? Number(bits) : -1,
      family === 4 ? 'ipv4' : 'ipv6',
    );
    return true;
  } catch {
    return false;
  }
}

function isOrigin(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).origin === origin;
}

/** The value itself may hold a password, so it is not in the message. */
function schemeFaults(
  path: readonly string[],
  url: string | undefined,
  schemes: readonly string[],
): CheckedFault[] {
  if (url === undefined || schemes.some((scheme) => url.startsWith(`${scheme}//`))) return [];
  return [{ path, message: `must start with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}` }];
}

function fileFault(path: readonly string[], file: string): CheckedFault[] {
  try {
    accessSync(file, constants.R_OK);
    return [];
  } catch (error) {
    return [
      {
        path,
        message: `cannot read the file ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      },
    ];
  }
}

function orderFaults({ sessions, lockout }: Config): CheckedFault[] {
  const pairs = [
    [
      ['sessions', 'idleTtlSeconds'],
      sessions.idleTtlSeconds,
      ['sessions', 'absoluteTtlSeconds'],
      sessions.absoluteTtlSeconds,
    ],
    [
      ['lockout', 'baseDelaySeconds'],
      lockout.baseDelaySeconds,
      ['lockout', 'maxDelaySeconds'],
      lockout.maxDelaySeconds,
    ],
  ] as const;
  return pairs
    .filter(([, less, , more]) => less > more)
    .map(([path, less, other, more]) => ({
      path,
      message: `must not be more than ${other.join('.')} (${more}), got ${less}`,
      needs: [other],
    }));
}
