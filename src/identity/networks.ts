import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

const MAX_PARSED = 1000;
const parsed = new LRUCache<string, Range>({ max: MAX_PARSED });

/** Whether the text is a CIDR range such as `10.0.0.0/8` or `fd00::/8`. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

/**
 * Whether the address is inside one of the CIDR ranges. IPv4 addresses written as IPv6 (`::ffff:10.0.0.1`) are taken
 * for what they are. False for anything that is no address; a range that is none holds nothing.
 */
export function isWithinNetworks(address: string, networks: readonly string[]): boolean {
  const plain = address.replace(/%.*$/, '');
  if (!ipaddr.isValid(plain)) return false;
  const at = ipaddr.process(plain);
  return networks.some((network) => {
    const range = readRange(network);
    return range !== null && at.kind() === range[0].kind() && at.match(range);
  });
}

function readRange(network: string): Range | null {
  const known = parsed.get(network);
  if (known) return known;
  if (!isNetwork(network)) return null;
  const range = ipaddr.parseCIDR(network);
  parsed.set(network, range);
  return range;
}
