import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/schema.js';
import { basePathOf } from './basePath.js';

type CookieConfig = Pick<Config, 'factors' | 'issuer' | 'risk' | 'sessions' | 'tokens'>;

const isHttps = (config: CookieConfig) => config.issuer.startsWith('https:');

/** `__Host-` binds the cookie to this host and to https; browsers refuse the prefix on plain http (development). */
export const sessionCookieName = (config: CookieConfig): string =>
  isHttps(config) ? '__Host-fieldgate_session' : 'fieldgate_session';

/** `__Host-` demands Path=/, so the path-bound refresh cookie can only be `__Secure-`. */
export const refreshCookieName = (config: CookieConfig): string =>
  isHttps(config) ? '__Secure-fieldgate_refresh' : 'fieldgate_refresh';

/** Ties what waits for a person (an authorization, a sign-out) to the browser in which it began; signs nobody in. */
const browserCookieName = (config: CookieConfig): string =>
  isHttps(config) ? '__Host-fieldgate_browser' : 'fieldgate_browser';

/** A browser that its owner trusts to show no second factor for a while; signs nobody in. */
const trustedDeviceCookieName = (config: CookieConfig): string =>
  isHttps(config) ? '__Host-fieldgate_device' : 'fieldgate_device';

/** A device that an account was entered from; signs nobody in. */
const knownDeviceCookieName = (config: CookieConfig): string =>
  isHttps(config) ? '__Host-fieldgate_known' : 'fieldgate_known';

const BROWSER_KEY = /^[A-Za-z0-9_-]{22}$/;

const sessionAttributes = (config: CookieConfig) =>
  ({ httpOnly: true, secure: isHttps(config), sameSite: 'lax', path: '/' }) as const;

const refreshAttributes = (config: CookieConfig) =>
  ({
    httpOnly: true,
    secure: isHttps(config),
    sameSite: 'strict',
    path: `${basePathOf(config)}/auth/refresh`,
  }) as const;

/** The session cookie's value, if the request has one. */
export function readSessionCookie(request: FastifyRequest, config: CookieConfig): string | undefined {
  return request.cookies[sessionCookieName(config)] || undefined;
}

/** The refresh cookie's value, if the request has one: only requests to `/auth/refresh` do. */
export function readRefreshCookie(request: FastifyRequest, config: CookieConfig): string | undefined {
  return request.cookies[refreshCookieName(config)] || undefined;
}

/** The browser's own random key, if the request has one. */
export function readBrowserKey(request: FastifyRequest, config: CookieConfig): string | undefined {
  const key = request.cookies[browserCookieName(config)] ?? '';
  return BROWSER_KEY.test(key) ? key : undefined;
}

/** HttpOnly, SameSite=Lax, Secure on https; until the browser is closed. */
export function setBrowserKey(reply: FastifyReply, config: CookieConfig, key: string): void {
  reply.setCookie(browserCookieName(config), key, sessionAttributes(config));
}

/** The value by which accounts know this device, if the request has one. */
export function readKnownDevice(request: FastifyRequest, config: CookieConfig): string | undefined {
  return request.cookies[knownDeviceCookieName(config)] || undefined;
}

/** HttpOnly, SameSite=Lax, Secure on https; lives as long as an unused device stays known. */
export function setKnownDevice(reply: FastifyReply, config: CookieConfig, value: string): void {
  reply.setCookie(knownDeviceCookieName(config), value, {
    ...sessionAttributes(config),
    maxAge: config.risk.knownDeviceDays * 86_400,
  });
}

/** The value of a trusted browser's cookie, if the request has one. */
export function readTrustedDevice(request: FastifyRequest, config: CookieConfig): string | undefined {
  return request.cookies[trustedDeviceCookieName(config)] || undefined;
}

/** HttpOnly, SameSite=Lax, Secure on https; lives as long as the trust. */
export function setTrustedDevice(reply: FastifyReply, config: CookieConfig, value: string): void {
  reply.setCookie(trustedDeviceCookieName(config), value, {
    ...sessionAttributes(config),
    maxAge: config.factors.trustedDeviceDays * 86_400,
  });
}

/** HttpOnly, SameSite=Lax, Secure on https; lives as long as a session may. */
export function setSessionCookie(reply: FastifyReply, config: CookieConfig, value: string): void {
  reply.setCookie(sessionCookieName(config), value, {
    ...sessionAttributes(config),
    maxAge: config.sessions.absoluteTtlSeconds,
  });
}

/** HttpOnly, SameSite=Strict, bound to `/auth/refresh`. */
export function setRefreshCookie(reply: FastifyReply, config: CookieConfig, token: string): void {
  reply.setCookie(refreshCookieName(config), token, {
    ...refreshAttributes(config),
    maxAge: config.tokens.refreshTokenTtlSeconds,
  });
}

/** Only at sign-out: a refusal never clears a cookie, another tab may just have set a better one. */
export function clearSessionCookie(reply: FastifyReply, config: CookieConfig): void {
  reply.clearCookie(sessionCookieName(config), sessionAttributes(config));
}

/** Only at sign-out; see `clearSessionCookie`. */
export function clearRefreshCookie(reply: FastifyReply, config: CookieConfig): void {
  reply.clearCookie(refreshCookieName(config), refreshAttributes(config));
}
