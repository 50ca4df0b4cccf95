import { expect } from 'chai';
import { isHarmlessValue, isSecretName, maskText } from '../../../src/identity/audit/secretNames.js';
import { processorTimeOf } from '../../support/processorTime.js';

describe('names of secrets', () => {
  for (const name of [
    'password',
    'NEW_PASSWORD',
    'x-api-key',
    'refreshTokens',
    'codeHash',
    'code',
    'deviceCode',
  ]) {
    it(`include ${name}`, () => expect(isSecretName(name)).to.equal(true));
  }
  for (const name of [
    'statusCode',
    'passwordChangedAt',
    'tokenType',
    'passwordFile',
    'keyId',
    'email',
    'postalCode',
  ]) {
    it(`do not include ${name}`, () => expect(isSecretName(name)).to.equal(false));
  }

  it('may hold flags, counts and error codes, never numbers that are codes', () => {
    expect(isHarmlessValue('hasPassword', true)).to.equal(true);
    expect(isHarmlessValue('tokens', 4)).to.equal(true);
    expect(isHarmlessValue('code', 'EADDRINUSE')).to.equal(true);
    expect(isHarmlessValue('code', 'WDJB-MJHT')).to.equal(false);
    expect(isHarmlessValue('code', 482_913)).to.equal(false);
    expect(isHarmlessValue('otp', 123)).to.equal(false);
  });

  it('are masked in texts without breaking a JSON text', () => {
    const text = JSON.stringify({ a: 'token=x"y', b: { password: 'p"q\\r', code: 'FORBIDDEN' } });
    const masked = JSON.parse(maskText(text)) as { b: { code: string } };
    expect(masked.b.code).to.equal('FORBIDDEN');
    expect(JSON.stringify(masked)).not.to.include('token=x');
  });

  for (const text of [
    'eyJhbGciOi.SECRET.SECRET',
    'DPoP  SECRET-SECRET',
    'my_access_token = SECRET',
    'client_assertion=SECRET',
    'user_code=SECRET',
    'code_verifier=SECRET',
    '"code":"SECRET"',
    "'set-cookie' : 'SECRET'",
    '\\\\"proxyAuthorization\\\\":\\\\"SECRET\\\\"',
    '$argon2id$SECRET',
    '$2b$10$SECRET',
    'redis://:SECRET@host',
  ]) {
    it(`are masked where nothing else is suspect: ${text}`, () => {
      expect(maskText(text)).not.to.include('SECRET');
    });
  }

  it('leave a line alone that only names a route or a kind of token', () => {
    const line = '{"route":"/oauth/token","msg":"bearer tokens, basic; the code, https://host/token"}';
    expect(maskText(line)).to.equal(line);
  });

  it('take linear time on hostile texts', async () => {
    const hostile = [
      `"${'a'.repeat(100_000)}`,
      'eyJ'.repeat(50_000),
      '"code'.repeat(30_000),
      'a://'.repeat(40_000),
    ];
    const { milliseconds } = await processorTimeOf(() => {
      // What comes first makes it look at all.
      for (const text of hostile) maskText(`token=1 ${text}`);
    });
    expect(milliseconds).to.be.lessThan(2000);
  });
});
