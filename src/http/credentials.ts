import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '../identity/deps.js';
import type { Credentials } from '../identity/sessions/authenticate.js';
import { readSessionCookie } from './cookies.js';
import { readSenderEvidence } from './senderEvidence.js';

/** What a request to a resource brings along: access token with what proves its sender, session cookie. */
export function readCredentials(
  deps: Pick<Deps, 'clock' | 'config' | 'secrets'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Credentials {
  return {
    bearer: readAccessToken(request),
    scheme: schemeOf(request),
    sender: readSenderEvidence(deps, request, reply, 'resource'),
    cookie: readSessionCookie(request, deps.config),
  };
}

/**
 * The access token of the Authorization header. Any scheme is taken for a credential: a wrong one must be refused, not
 * overlooked in favour of a cookie.
 */
export function readAccessToken({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return headers.authorization?.replace(/^(?:bearer|dpop) +/i, '').trim();
}

/** How it was sent: RFC 6750 §2.1 or RFC 9449 §7.1. */
export function schemeOf({ headers }: Pick<FastifyRequest, 'headers'>): 'Bearer' | 'DPoP' {
  return /^dpop(?: |$)/i.test(headers.authorization ?? '') ? 'DPoP' : 'Bearer';
}
