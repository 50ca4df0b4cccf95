import { expect } from 'chai';
import { isNetwork, isWithinNetworks } from '../../src/identity/networks.js';

describe('networks', () => {
  const inside = (address: string, ...networks: string[]) => isWithinNetworks(address, networks);

  it('hold the addresses of their range, in both families', () => {
    expect(inside('10.1.2.3', '192.168.0.0/16', '10.0.0.0/8')).to.equal(true);
    expect(inside('11.1.2.3', '10.0.0.0/8')).to.equal(false);
    expect(inside('fd00::1', 'fd00::/8')).to.equal(true);
    expect(inside('fe80::1%eth0', 'fe80::/10')).to.equal(true);
    expect(inside('2001:db8::1', 'fd00::/8', '10.0.0.0/8')).to.equal(false);
  });

  it('take an IPv4 address written as IPv6 for what it is', () => {
    expect(inside('::ffff:10.1.2.3', '10.0.0.0/8')).to.equal(true);
    expect(inside('::ffff:11.1.2.3', '10.0.0.0/8')).to.equal(false);
    expect(inside('10.1.2.3', '::/0')).to.equal(false);
  });

  it('hold nothing that is no address, and are no text that is no range', () => {
    expect(inside('', '0.0.0.0/0')).to.equal(false);
    expect(inside('unknown', '0.0.0.0/0', '::/0')).to.equal(false);
    expect(inside('10.1.2.3', 'everything', '10.0.0.0/8')).to.equal(true);
    expect(isNetwork('10.0.0.0/8')).to.equal(true);
    expect(isNetwork('10.0.0.0/33')).to.equal(false);
    expect(isNetwork('10.0.0.1')).to.equal(false);
  });
});
