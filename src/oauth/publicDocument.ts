import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A public document as it is sent: made when what it says has changed, not for each request. */
export interface PublicDocument {
  readonly text: string;
  /** Strong (RFC 9110 §8.8.3). */
  readonly etag: string;
}

export function publicDocument(body: object): PublicDocument {
  const text = JSON.stringify(body);
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}

/**
 * Sends a public document that changes seldom: cacheable for `maxAgeSeconds`, with a strong ETag, 304 when the
 * caller has it (RFC 9110 §13.1.2).
 */
export function sendPublicDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  { text, etag }: PublicDocument,
  how: { contentType: string; maxAgeSeconds: number },
): void {
  reply.headers({ etag, 'cache-control': `public, max-age=${how.maxAgeSeconds}` });
  if (matches(request.headers['if-none-match'], etag)) {
    void reply.code(304).send();
    return;
  }
  void reply.type(how.contentType).send(text);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  // If-None-Match compares weakly: `W/` does not count.
  return ifNoneMatch.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}
