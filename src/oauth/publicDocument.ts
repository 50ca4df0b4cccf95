import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Sends a public document that changes seldom: cacheable for `maxAgeSeconds`, with a strong ETag, 304 when the
 * caller has it (RFC 9110 §13.1.2).
 */
export function sendPublicDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  document: { body: object; contentType: string; maxAgeSeconds: number },
): void {
  const text = JSON.stringify(document.body);
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  reply.headers({ etag, 'cache-control': `public, max-age=${document.maxAgeSeconds}` });
  if (matches(request.headers['if-none-match'], etag)) {
    void reply.code(304).send();
    return;
  }
  void reply.type(document.contentType).send(text);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  // If-None-Match compares weakly: `W/` does not count.
  return ifNoneMatch.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}
