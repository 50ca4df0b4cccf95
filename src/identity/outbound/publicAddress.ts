import ipaddr from 'ipaddr.js';

/** RFC 4291 §2.4 and IANA's registry: the only block of IPv6 from which public addresses are given out. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is one of the public internet: none that is private, loopback, link-local (where clouds keep
 * their metadata service), shared, multicast, reserved, or that carries an IPv4 address inside (mapped, translated,
 * 6to4, Teredo), which could be any of these.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` turns a mapped address into the IPv4 address that it stands for.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_UNICAST);
}
