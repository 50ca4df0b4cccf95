import { expect } from 'chai';
import { addressKey } from '../../src/identity/addressKey.js';

describe('addressKey', () => {
  it('keeps an IPv4 address, also when it is mapped into IPv6', () => {
    expect(addressKey('203.0.113.9')).to.equal('203.0.113.9');
    expect(addressKey('::ffff:203.0.113.9')).to.equal('203.0.113.9');
  });

  it('takes the /64 of an IPv6 address, however it is written', () => {
    const keys = [
      '2001:db8:1:2::1',
      '2001:0db8:0001:0002:ffff::',
      '2001:DB8:1:2:3:4:5:6',
      '2001:db8:1:2::1%eth0',
    ];
    expect(new Set(keys.map(addressKey))).to.deep.equal(new Set(['2001:db8:1:2::/64']));
    expect(addressKey('2001:db8:1:3::1')).to.equal('2001:db8:1:3::/64');
    expect(addressKey('::1')).to.equal('0:0:0:0::/64');
  });
});
