import { expect } from 'chai';
import { isPublicAddress } from '../../../src/identity/outbound/publicAddress.js';

describe('a public address', () => {
  for (const address of ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8']) {
    it(`is ${address}`, () => expect(isPublicAddress(address)).to.equal(true));
  }

  for (const [what, addresses] of Object.entries({
    loopback: ['127.0.0.1', '127.9.9.9', '::1'],
    private: ['10.0.0.1', '172.16.0.1', '192.168.1.1', 'fc00::1', 'fd12::1'],
    'link-local, where clouds keep their metadata': ['169.254.169.254', 'fe80::1', 'fd00:ec2::254'],
    unspecified: ['0.0.0.0', '::'],
    'shared, multicast, reserved': ['100.64.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1', 'ff02::1'],
    'IPv4 mapped into IPv6': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254'],
    'IPv4 carried in IPv6': ['::7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::'],
    'no address at all': ['', 'localhost', '1.2.3.4.5'],
  })) {
    for (const address of addresses) {
      it(`is not ${address || 'the empty text'} (${what})`, () => {
        expect(isPublicAddress(address)).to.equal(false);
      });
    }
  }
});
