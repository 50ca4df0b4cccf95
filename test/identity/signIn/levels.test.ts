import { expect } from 'chai';
import { acrOf, highestAcr, withMethods } from '../../../src/identity/signIn/levels.js';
import { reaches } from '../../../src/policies/requirement.js';

describe('levels', () => {
  for (const [methods, acr] of [
    [[], 'aal1'],
    [['pwd'], 'aal1'],
    [['otp'], 'aal1'],
    [['hwk'], 'aal1'],
    [['pwd', 'otp'], 'aal2'],
    [['pwd', 'sms'], 'aal2'],
    [['otp', 'sms'], 'aal1'],
    [['pwd', 'hwk'], 'phr'],
    [['hwk', 'user'], 'phr'],
    [['otp', 'hwk'], 'aal1'],
    [['mca'], 'aal1'],
    [['pwd', 'mca'], 'aal1'],
    [['mca', 'otp'], 'aal2'],
    [['mca', 'hwk'], 'phr'],
  ] as const) {
    it(`${methods.join(' and ') || 'nothing'} reach ${acr}`, () => {
      expect(acrOf(methods)).to.equal(acr);
    });
  }

  it('name several factors as such, and each method once', () => {
    expect(withMethods(['pwd'], ['otp'])).to.deep.equal(['pwd', 'otp', 'mfa']);
    expect(withMethods(['pwd', 'otp', 'mfa'], ['otp'])).to.deep.equal(['pwd', 'otp', 'mfa']);
    expect(withMethods([], ['otp'])).to.deep.equal(['otp']);
  });

  it('are ordered, and one that is not known is reached by itself alone', () => {
    expect(reaches('phr', 'aal2')).to.equal(true);
    expect(reaches('aal1', 'aal2')).to.equal(false);
    expect(reaches('phr', 'gold')).to.equal(false);
    expect(reaches('gold', 'gold')).to.equal(true);
    expect(highestAcr(['aal1', 'phr', 'aal2'])).to.equal('phr');
    expect(highestAcr([])).to.equal('aal1');
  });
});
