import { BROWSER_MAP, parse } from 'bowser';
import type { Device } from '../../models/session.js';

const LONGEST_USER_AGENT = 512;

/** By the names that the parser gives them; of every other program it repeats what that says of itself. */
const BROWSERS: ReadonlySet<string> = new Set(Object.values(BROWSER_MAP));
/** RFC 9110 §10.1.5: a product is one word. */
const PRODUCT = /^[A-Za-z][A-Za-z0-9._-]{0,39}(?=\/)/;

const COMMON_BROWSERS: ReadonlySet<string> = new Set([
  'Android Browser',
  'Brave',
  'Chrome',
  'Chromium',
  'DuckDuckGo',
  'Firefox',
  'Microsoft Edge',
  'Opera',
  'Opera Touch',
  'Safari',
  'Samsung Internet for Android',
  'Vivaldi',
]);

const KINDS: Record<string, Device['kind']> = {
  desktop: 'desktop',
  mobile: 'mobile',
  tablet: 'tablet',
};

/**
 * Describes a device from its User-Agent header, in words that its owner recognises: "Firefox on Linux". Of the sender's own
 * words at most one: the name is read where people decide, on pages and in letters, and strangers write the header.
 */
export function describeDevice(userAgent: string): Device {
  const text = userAgent.slice(0, LONGEST_USER_AGENT);
  const parsed = text === '' ? null : parse(text);
  const named = parsed?.browser.name ?? '';
  const browser = BROWSERS.has(named) ? named : null;
  const os = parsed?.os.name || null;
  const product = PRODUCT.exec(text)?.[0] ?? null;
  // Browsers call themselves Mozilla; what does not is a program of its own.
  const isProgram = product !== null && !text.startsWith('Mozilla/');
  const kind = KINDS[parsed?.platform.type ?? ''] ?? (isProgram ? 'cli' : 'other');
  const what = browser ?? product ?? 'Unknown device';
  return { name: os ? `${what} on ${os}` : what, kind, os, browser, userAgent: text };
}

/**
 * The device in words that are ours and not the sender's, for letters that anybody can have sent: null for a program that
 * is no known browser, whose name may be anything.
 */
export function describeKnownBrowser(userAgent: string): string | null {
  const { name, browser } = describeDevice(userAgent);
  return COMMON_BROWSERS.has(browser ?? '') ? name : null;
}
