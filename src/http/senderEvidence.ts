import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '../identity/deps.js';
import { demandsNonce } from '../identity/tokens/dpop.js';
import { currentDpopNonce } from '../identity/tokens/dpopNonce.js';
import type { ProofPlace, SenderEvidence } from '../identity/tokens/sender.js';
import { normaliseUri } from '../identity/tokens/targetUri.js';
import { readClientCertificate } from './clientCertificate.js';
import { isFromTrustedProxy } from './trustedProxy.js';

/**
 * What the request shows of its sender. Where proofs must hold a nonce, the answer brings the next one, also when it
 * refuses (RFC 9449 §8, §8.2).
 */
export function readSenderEvidence(
  deps: Pick<Deps, 'clock' | 'config' | 'secrets'>,
  request: FastifyRequest,
  reply: FastifyReply,
  place: ProofPlace,
): SenderEvidence {
  const { authorization, dpop } = request.headers;
  const usesDpop = dpop !== undefined || /^dpop(?: |$)/i.test(authorization ?? '');
  if (usesDpop && demandsNonce(deps.config, place)) reply.header('dpop-nonce', currentDpopNonce(deps));
  return {
    // Node joins headers of one name by commas, and a JWT has none.
    dpop: typeof dpop === 'string' ? dpop : dpop?.join(','),
    method: request.method,
    urls: dpop === undefined ? [] : publicUrls(deps.config, request.url),
    certificate: readClientCertificate(request, deps.config),
  };
}

/**
 * The same for a gateway that asks whether to let somebody else's request through: a proof is made for that request. Only
 * a gateway of `listen.trustedProxies` is believed what the request was, and only if it tells all of it.
 */
export function readForwardedEvidence(
  deps: Pick<Deps, 'clock' | 'config' | 'secrets'>,
  request: FastifyRequest,
  reply: FastifyReply,
): SenderEvidence {
  const own = readSenderEvidence(deps, request, reply, 'resource');
  if (own.dpop === undefined || !isFromTrustedProxy(request, deps.config)) return own;
  const [method, protocol, host, uri] = FORWARDED.map((name) => request.headers[name]);
  if (typeof method !== 'string' || typeof uri !== 'string' || !uri.startsWith('/')) return own;
  const url = normaliseUri(`${String(protocol)}://${String(host)}${uri}`);
  return url === null ? own : { ...own, method, urls: [url] };
}

const FORWARDED = ['x-forwarded-method', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-uri'] as const;

/**
 * The public addresses of a request, without query, normalised. Never by its Host header: whoever sends the request
 * chooses that, and a proof made for another server would pass. A proxy may have stripped the path of the issuer or not.
 */
export function publicUrls(
  { issuer, mutualTls }: Pick<Deps['config'], 'issuer' | 'mutualTls'>,
  path: string,
): readonly string[] {
  const bases = [issuer, ...(mutualTls.endpointBase === undefined ? [] : [mutualTls.endpointBase])];
  return bases.flatMap((text) => {
    const base = text.replace(/\/$/, '');
    const { origin, pathname } = new URL(base);
    const isWhole = pathname !== '/' && path.startsWith(`${pathname}/`);
    return normaliseUri(`${isWhole ? origin : base}${path}`) ?? [];
  });
}
