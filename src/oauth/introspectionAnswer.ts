import type { Client } from '../models/client.js';
import type { Exchange } from './endpoint.js';

/** RFC 9701 §4, §5. */
const SIGNED_TYPE = 'application/token-introspection+jwt';
const SIGNED_TYP = 'token-introspection+jwt';

export type IntrospectionFacts = Readonly<Record<string, unknown>> & { readonly exp?: number };

/**
 * Sends what a token stands for, null for an inactive one (RFC 7662 §2.2: no other member than `active` then), as JSON or,
 * for a caller that asks for it, as a JWT for this caller alone (RFC 9701 §5). Only the facts of an active token may be
 * remembered, and only where the configuration allows it: so long may a revocation be overlooked.
 */
export async function sendIntrospection(
  { deps, request, reply }: Exchange,
  caller: Client,
  facts: IntrospectionFacts | null,
): Promise<void> {
  const nowSeconds = Math.floor(deps.clock().getTime() / 1000);
  const cacheSeconds = Math.min(
    deps.config.tokens.introspectionCacheSeconds,
    (facts?.exp ?? nowSeconds) - nowSeconds,
  );
  reply.header('vary', 'Accept');
  if (cacheSeconds > 0) {
    reply.header('cache-control', `private, max-age=${cacheSeconds}`).removeHeader('pragma');
  }
  const answer = facts ? { active: true, ...facts } : { active: false };
  if (!asksForSigned(request.headers.accept)) {
    void reply.send(answer);
    return;
  }
  const signed = await deps.keys.sign(
    { iss: deps.config.issuer, aud: caller._id, iat: nowSeconds, token_introspection: answer },
    // Of this type, and without `sub` and `exp`, so that it is taken for no token (RFC 9701 §8.1).
    { typ: SIGNED_TYP, algorithm: caller.introspectionSignedResponseAlg },
  );
  void reply.type(SIGNED_TYPE).send(signed);
}

/** Whoever names the type wants it, unless with `q=0`. */
function asksForSigned(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === SIGNED_TYPE && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
