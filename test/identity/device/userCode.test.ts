import { expect } from 'chai';
import { makeUserCode, readUserCode, showUserCode } from '../../../src/identity/device/userCode.js';

describe('a user code', () => {
  it('has eight letters without vowels, digits and what they look like (RFC 8628 §6.1)', () => {
    const drawn = Array.from({ length: 2000 }, makeUserCode);
    expect(drawn.every((code) => /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code))).to.equal(true);
    expect(new Set(drawn)).to.have.property('size', 2000);
    expect(new Set(drawn.join('')).size).to.equal(20);
  });

  it('is read back without regard to case and separators (RFC 8628 §6.1)', () => {
    for (const typed of [
      'WDJB-MJHT',
      'wdjbmjht',
      ' wdjb mjht ',
      'W-D-J-B-M-J-H-T',
      'wdjb–mjht',
      'WDJB.MJHT',
    ]) {
      expect(readUserCode(typed)).to.equal('WDJBMJHT');
    }
    expect(showUserCode('WDJBMJHT')).to.equal('WDJB-MJHT');
  });

  it('is nothing else', () => {
    for (const typed of [
      '',
      'WDJB',
      'WDJB-MJHTX',
      'WDJB-MJHA',
      'WDJB-MJH1',
      'W'.repeat(5000),
      `WDJBMJHT${' '.repeat(99)}`,
    ]) {
      expect(readUserCode(typed)).to.equal(null);
    }
  });
});
