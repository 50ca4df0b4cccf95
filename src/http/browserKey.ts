import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/schema.js';
import { makeBrowserKey } from '../identity/authorization/pending.js';
import { readBrowserKey, setBrowserKey } from './cookies.js';

/** The key of this browser; a new one is set with the reply. */
export function browserKeyOf(request: FastifyRequest, reply: FastifyReply, config: Config): string {
  const known = readBrowserKey(request, config);
  if (known !== undefined) return known;
  const key = makeBrowserKey();
  setBrowserKey(reply, config, key);
  return key;
}
