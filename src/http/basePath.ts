import type { Config } from '../config/schema.js';

/** The path that a proxy serves us under, without a trailing slash: empty for an issuer at the root of its host. */
export const basePathOf = ({ issuer }: Pick<Config, 'issuer'>): string =>
  new URL(issuer).pathname.replace(/\/$/, '');
