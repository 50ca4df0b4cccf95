import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './publicAddress.js';

/** A name or an address leads where Fieldgate does not go. */
export class ForbiddenAddress extends Error {}

/** Turns a name into addresses; as `dns.lookup` with `all`. */
export type Resolver = (
  hostname: string,
  done: (error: Error | null, addresses: { address: string; family: number }[]) => void,
) => void;

const system: Resolver = (hostname, done) => resolve(hostname, { all: true, verbatim: true }, done);

/**
 * The `lookup` of a connection: what it answers is what is connected to, so a name that changes its address between
 * check and use gains nothing. One private address among several refuses the name as a whole.
 */
export function guardedLookup(resolver: Resolver = system): LookupFunction {
  return (hostname, options, done) => {
    resolver(hostname, (error, addresses) => {
      const first = addresses?.[0];
      if (error) return done(error, []);
      if (!first) return done(new Error(`${hostname} has no address`), []);
      const forbidden = addresses.find(({ address }) => !isPublicAddress(address));
      if (forbidden) return done(new ForbiddenAddress(`${hostname} leads to ${forbidden.address}`), []);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}
