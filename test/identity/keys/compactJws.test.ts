import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { jwtVerify } from 'jose';
import { isAppError } from '../../../src/errors.js';
import { jwtSigner } from '../../../src/identity/keys/compactJws.js';

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const PAIRS: readonly [algorithm: string, make: () => { publicKey: KeyObject; privateKey: KeyObject }][] = [
  ['RS256', rsa],
  ['PS256', rsa],
  ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['EdDSA', () => generateKeyPairSync('ed25519')],
];

describe('a signer of tokens', () => {
  for (const [alg, make] of PAIRS) {
    it(`makes what others verify as ${alg} (RFC 7515 §5.2)`, async () => {
      const { publicKey, privateKey } = make();
      const token = jwtSigner(privateKey, { alg, kid: 'k', typ: 'at+jwt' })({ sub: 'Zoë', left: undefined });
      const { payload, protectedHeader } = await jwtVerify(token, publicKey, { algorithms: [alg] });
      expect(payload).to.deep.equal({ sub: 'Zoë' });
      expect(protectedHeader).to.deep.equal({ alg, kid: 'k', typ: 'at+jwt' });
    });
  }

  it('signs by no algorithm that it does not know', () => {
    const { privateKey } = rsa();
    for (const alg of ['none', 'HS256', 'RS1', '']) {
      expect(() => jwtSigner(privateKey, { alg, kid: 'k', typ: 'JWT' }))
        .to.throw()
        .that.satisfies(isInternal);
    }
  });
});

const isInternal = (error: unknown) => isAppError(error, 'INTERNAL');
