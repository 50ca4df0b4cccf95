import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '../identity/deps.js';

/** How long a form may be looked at before it is sent. */
export const FORM_TTL_SECONDS = 3600;

/** `<epoch seconds, base 36>.<128 random bits>` */
const COOKIE_FORM = /^([0-9a-z]{1,9})\.[A-Za-z0-9_-]{22}$/;

/**
 * The token that a form carries against forgery: an HMAC of a cookie, bound to the path of the form. A foreign page
 * can neither read the cookie nor make the token; the time in the cookie ends both.
 */
export interface FormTokens {
  /** The token for a form that `reply` shows; sets the cookie, or keeps a young one, so that other tabs stay usable. */
  issue(request: FastifyRequest, reply: FastifyReply, path: string): string;
  /** Whether `token` was issued to this browser for this form, at most FORM_TTL_SECONDS ago. Constant time. */
  accepts(request: FastifyRequest, path: string, token: string): boolean;
}

export function createFormTokens(deps: Pick<Deps, 'config' | 'secrets' | 'clock'>): FormTokens {
  const key = deps.secrets.derive('pages.csrf');
  const secure = deps.config.issuer.startsWith('https:');
  // The prefix keeps a sibling subdomain from planting a pair of its own; browsers refuse it on plain http.
  const cookieName = secure ? '__Host-fieldgate_form' : 'fieldgate_form';
  const nowSeconds = () => Math.floor(deps.clock().getTime() / 1000);
  const tokenFor = (cookie: string, path: string) =>
    createHmac('sha256', key).update(`${path}\n${cookie}`).digest('base64url');

  /** The browser's cookie, if it is younger than `maxAgeSeconds`. */
  const cookieOf = (request: FastifyRequest, maxAgeSeconds: number): string | null => {
    const cookie = request.cookies[cookieName] ?? '';
    const issuedAt = Number.parseInt(COOKIE_FORM.exec(cookie)?.[1] ?? '', 36);
    const ageSeconds = nowSeconds() - issuedAt;
    return ageSeconds >= 0 && ageSeconds < maxAgeSeconds ? cookie : null;
  };

  // A page may have several forms: the cookie that the first one set is that of all.
  const made = new WeakMap<FastifyReply, string>();

  return {
    issue(request, reply, path) {
      let cookie = made.get(reply) ?? cookieOf(request, FORM_TTL_SECONDS / 2);
      if (cookie === null) {
        cookie = `${nowSeconds().toString(36)}.${randomBytes(16).toString('base64url')}`;
        made.set(reply, cookie);
        // Lax, not Strict: a link in a web mailer must find the cookie that another tab relies on.
        const attributes = { httpOnly: true, secure, sameSite: 'lax', path: '/' } as const;
        reply.setCookie(cookieName, cookie, { ...attributes, maxAge: FORM_TTL_SECONDS });
      }
      return tokenFor(cookie, path);
    },
    accepts(request, path, token) {
      const cookie = cookieOf(request, FORM_TTL_SECONDS);
      if (cookie === null) return false;
      const expected = Buffer.from(tokenFor(cookie, path));
      const given = Buffer.from(token);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
