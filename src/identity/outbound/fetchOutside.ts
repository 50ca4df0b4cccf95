import { readFileSync } from 'node:fs';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { ForbiddenAddress, guardedLookup } from './guardedLookup.js';
import { isPublicAddress } from './publicAddress.js';

export interface OutsideRequest {
  /** Absent: GET. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the answer's body. */
  readonly maxBytes: number;
  /** From the look-up of the name to the last byte. */
  readonly timeoutSeconds: number;
}

export interface OutsideAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const LONGEST_URL = 2000;

/**
 * Asks an address that a client or an administrator named, without lending it our place in the network: https only,
 * no redirect followed (a 3xx comes back as it is), no address that is not public, checked on the very addresses that are
 * connected to. `config.outbound.allowPrivateNetworks` lifts the last, and allows http to loopback addresses then.
 * @throws AppError BAD_USER_INPUT for an address that is never asked, UNAVAILABLE for one that did not answer well
 */
export async function fetchOutside(
  deps: Pick<Deps, 'config'>,
  url: string,
  options: OutsideRequest,
  lookup: LookupFunction = guardedLookup(),
): Promise<OutsideAnswer> {
  const { allowPrivateNetworks } = deps.config.outbound;
  const target = readTarget(url, allowPrivateNetworks);
  // Loaded when it is needed: most installations ask nobody.
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({
    pipelining: 0,
    connect: {
      ...(allowPrivateNetworks ? {} : { lookup }),
      ...trusted(deps.config.outbound.caFile),
    },
  });
  const signal = AbortSignal.timeout(options.timeoutSeconds * 1000);
  try {
    const { statusCode, headers, body } = await request(target, {
      dispatcher,
      signal,
      method: options.method ?? 'GET',
      headers: { 'user-agent': 'Fieldgate', ...options.headers },
      ...(options.body !== undefined && { body: options.body }),
    });
    return { status: statusCode, headers, text: await readText(body, options.maxBytes) };
  } catch (error) {
    throw refusal(error, target);
  } finally {
    await dispatcher.destroy();
  }
}

/** @throws AppError BAD_USER_INPUT */
function readTarget(url: string, allowPrivateNetworks: boolean): URL {
  if (url.length > LONGEST_URL || !URL.canParse(url)) throw forbidden('is not a URL');
  // The parser has turned every spelling of an IPv4 address (decimal, octal, hexadecimal, short) into the usual one.
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const isLoopback = host === 'localhost' || host === '127.0.0.1' || host === '::1';
  const isHttps = target.protocol === 'https:';
  if (!isHttps && !(allowPrivateNetworks && target.protocol === 'http:' && isLoopback)) {
    throw forbidden('is not https');
  }
  if (target.username || target.password) throw forbidden('holds a user name or password');
  // A connection to a literal address looks nothing up, so the guard of the look-up would not see it.
  if (!allowPrivateNetworks && isIP(host) !== 0 && !isPublicAddress(host)) throw forbidden('is not public');
  return target;
}

/** The whole body as UTF-8. Stops reading when there is more than allowed, whatever Content-Length said. */
async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** By file: reading some hundred certificates for each request would cost more than the request. */
const contexts = new Map<string, SecureContext>();

/** Certificates of the installation's own authority count beside the public ones. */
function trusted(caFile: string | undefined): { secureContext?: SecureContext } {
  if (caFile === undefined) return {};
  const known = contexts.get(caFile);
  if (known) return { secureContext: known };
  const secureContext = createSecureContext({ ca: [...rootCertificates, readFileSync(caFile, 'utf8')] });
  contexts.set(caFile, secureContext);
  return { secureContext };
}

function refusal(error: unknown, { origin }: URL): AppError {
  if (error instanceof ForbiddenAddress) return forbidden(error.message);
  const detail = error instanceof Error ? error.message : String(error);
  return new AppError('UNAVAILABLE', `${origin} did not answer: ${detail}`, { cause: error });
}

/** One text for whoever named the address, whatever stands behind a name inside. */
function forbidden(detail: string): AppError {
  return new AppError('BAD_USER_INPUT', `an outside address ${detail}`, {
    publicMessage: 'the address must be https and public',
  });
}
