import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/schema.js';
import { isWithinNetworks } from '../identity/networks.js';

/** Whether the connection itself, whatever its headers say, comes from an address of `listen.trustedProxies`. */
export function isFromTrustedProxy(
  { raw }: Pick<FastifyRequest, 'raw'>,
  { listen }: Pick<Config, 'listen'>,
): boolean {
  return isWithinNetworks(raw.socket.remoteAddress ?? '', listen.trustedProxies.map(asNetwork));
}

function asNetwork(block: string): string {
  if (block.includes('/')) return block;
  return `${block}/${block.includes(':') ? 128 : 32}`;
}
