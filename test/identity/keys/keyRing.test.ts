import { createPublicKey, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { createKeyRing } from '../../../src/identity/keys/keyRing.js';
import { createSecretBox } from '../../../src/identity/keys/secretBox.js';
import { createInProcessStore } from '../../../src/stores/inProcess.js';
import { eventually } from '../../stores/ephemeral.contract.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';

const EXPECTED = { typ: 'at+jwt', audience: 'http://127.0.0.1:3000' };

describe('the key ring', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const claims = (over: object = {}) => {
    const now = Math.floor(test.clock().getTime() / 1000);
    return {
      iss: 'http://127.0.0.1:3000',
      aud: EXPECTED.audience,
      sub: 'someone',
      iat: now,
      exp: now + 900,
      ...over,
    };
  };
  const sign = (over: object = {}, typ = 'at+jwt') => test.deps.keys.sign(claims(over), { typ });
  const verify = (token: string) => test.deps.keys.verify(token, EXPECTED);
  const kids = () => test.deps.keys.publicJwks().keys.map((key) => key.kid);
  const statuses = async () => {
    const keys = await test.deps.models.signingKeys.find().sort({ createdAt: 1 }).lean();
    return keys.map((key) => key.status);
  };

  it('verifies what it signed, and names algorithm, key and type in the header', async () => {
    const token = await sign();
    expect(decodeProtectedHeader(token)).to.deep.equal({ alg: 'ES256', kid: kids()[0], typ: 'at+jwt' });
    expect((await verify(token)).sub).to.equal('someone');
    expect((await verify(token)).sub, 'from memory').to.equal('someone');
  });

  it('publishes the current and the next key, and nothing private', async () => {
    const jwks = test.deps.keys.publicJwks();
    expect(jwks.keys).to.have.lengthOf(2);
    for (const key of jwks.keys) {
      expect(key).to.have.all.keys('kty', 'crv', 'x', 'y', 'kid', 'alg', 'use');
      expect(key.kty).to.equal('EC');
    }
    const stored = await test.deps.models.signingKeys.find().lean();
    for (const key of stored) expect(key.encryptedPrivateJwk).to.match(/^v1\./);
  });

  it('refuses an expired token, also one that it verified before', async () => {
    const token = await sign();
    await verify(token);
    test.clock.advance(901);
    await refusal(verify(token), 'INVALID_TOKEN');
  });

  for (const [what, over] of Object.entries({
    'another issuer': { iss: 'https://evil.example' },
    'another audience': { aud: 'https://other.example' },
    'no subject': { sub: undefined },
    'no expiry': { exp: undefined },
    'no time of issue': { iat: undefined },
    'a start in the future': { nbf: Math.floor(Date.now() / 1000) + 600 },
  })) {
    it(`refuses a token with ${what}`, async () => {
      await refusal(verify(await sign(over)), 'INVALID_TOKEN');
    });
  }

  it('refuses a token of another type, so that an ID token is no access token', async () => {
    const idToken = await sign({}, 'JWT');
    await refusal(verify(idToken), 'INVALID_TOKEN');
    expect((await test.deps.keys.verify(idToken, { typ: 'JWT' })).sub).to.equal('someone');
    await refusal(verify(idToken), 'INVALID_TOKEN');
  });

  it('refuses forgeries: alg none, HS256 with the public key, another key, a path as kid', async () => {
    const [publicJwk] = test.deps.keys.publicJwks().keys;
    const kid = publicJwk?.kid ?? '';
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = `${encode({ alg: 'none', kid, typ: 'at+jwt' })}.${encode(claims())}.`;
    const pem = createPublicKey({ key: publicJwk as JWK, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const hmac = (secret: Uint8Array) =>
      new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' }).sign(secret);
    const foreign = await generateKeyPair('ES256', { extractable: true });
    const signedBy = async (header: object) =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
        .sign(foreign.privateKey);
    const genuine = await sign();
    const [head, body, signature] = genuine.split('.');
    for (const forged of [
      none,
      `${none}${signature}`,
      await hmac(Buffer.from(pem)),
      await hmac(Buffer.from(JSON.stringify(publicJwk))),
      await signedBy({ kid }),
      await signedBy({ kid: '../../../dev/null' }),
      await signedBy({ kid: '__proto__' }),
      await signedBy({}),
      await signedBy({ jwk: await exportJWK(foreign.publicKey) }),
      `${head}.${encode({ ...decodeJwt(genuine), sub: 'admin' })}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${genuine}A`,
      '',
      '.',
      '..',
      'garbage',
      '\u0000',
      'x'.repeat(1_000_000),
    ]) {
      await refusal(verify(forged), 'INVALID_TOKEN');
    }
    expect((await verify(genuine)).sub).to.equal('someone');
  });

  it('rotates: the next key signs, the old one verifies until its last token has expired', async () => {
    const [current, next] = kids();
    const before = await sign();
    await test.deps.keys.rotate();
    expect(await statuses()).to.deep.equal(['retired', 'current', 'next']);
    expect(decodeProtectedHeader(await sign()).kid).to.equal(next);
    expect(kids()).to.include.members([current, next]).and.have.lengthOf(3);
    expect((await verify(before)).sub).to.equal('someone');
    test.clock.advance(3600 + 600 + 1);
    expect(kids()).to.not.include(current);
  });

  it('throws the old keys away where that is asked for', async () => {
    const first = await sign();
    await test.deps.keys.rotate();
    const second = await sign();
    await verify(first);
    await verify(second);
    await test.deps.keys.rotate({ discardOld: true });
    await refusal(verify(first), 'INVALID_TOKEN');
    await refusal(verify(second), 'INVALID_TOKEN');
    expect(kids()).to.have.lengthOf(2);
    await verify(await sign());
  });

  it('rotates by age, once for all replicas', async () => {
    const other = await createTestDeps({ replicaOf: test });
    await Promise.all([test.deps.keys.refresh(), other.deps.keys.refresh()]);
    expect(await statuses()).to.deep.equal(['current', 'next']);
    test.clock.advance(90 * 86_400 + 1);
    await Promise.all([test.deps.keys.refresh(), other.deps.keys.refresh()]);
    expect((await statuses()).sort()).to.deep.equal(['current', 'next', 'retired']);
    await other.close();
  });

  it('tells the other replicas of a rotation', async () => {
    const other = await createTestDeps({ replicaOf: test });
    await test.deps.keys.rotate();
    await eventually(() => other.deps.keys.publicJwks().keys.length === 3);
    const token = await sign();
    expect((await other.deps.keys.verify(token, EXPECTED)).sub).to.equal('someone');
    await other.close();
  });

  it('loads the keys anew for a token with an unknown key, but seldom', async () => {
    // A replica that hears nothing: its ephemeral store is its own.
    const other = await createTestDeps({ replicaOf: test, ephemeral: createInProcessStore() });
    let reads = 0;
    const { signingKeys } = other.deps.models;
    const find = signingKeys.find.bind(signingKeys);
    Object.assign(signingKeys, {
      find: (...parameters: Parameters<typeof find>) => {
        reads += 1;
        return find(...parameters);
      },
    });
    await test.deps.keys.rotate();
    await test.deps.keys.rotate();
    const token = await sign();
    reads = 0;
    expect((await other.deps.keys.verify(token, EXPECTED)).sub).to.equal('someone');
    expect(reads).to.be.greaterThan(0);
    const afterFirst = reads;
    const foreign = await generateKeyPair('ES256');
    const forged = await Promise.all(
      Array.from({ length: 20 }, () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: randomBytes(8).toString('hex') })
          .sign(foreign.privateKey),
      ),
    );
    await Promise.all(forged.map((each) => refusal(other.deps.keys.verify(each, EXPECTED), 'INVALID_TOKEN')));
    expect(reads).to.equal(afterFirst);
    await other.close();
  });

  it('finishes a rotation that died half-way', async () => {
    const { signingKeys } = test.deps.models;
    await signingKeys.updateOne(
      { status: 'current' },
      {
        $set: {
          status: 'retired',
          retiredAt: test.clock(),
          expiresAt: new Date(test.clock().getTime() + 1e6),
        },
      },
    );
    await test.deps.keys.refresh();
    expect(await statuses()).to.deep.equal(['retired', 'current', 'next']);
    await verify(await sign());
  });

  it('keeps verifying with keys of the algorithm that was configured before', async () => {
    const token = await sign();
    const config = {
      ...test.deps.config,
      tokens: { ...test.deps.config.tokens, algorithm: 'EdDSA' as const },
    };
    const changed = await createKeyRing({ ...test.deps, config });
    expect((await changed.verify(token, EXPECTED)).sub).to.equal('someone');
    expect(decodeProtectedHeader(await changed.sign(claims(), { typ: 'at+jwt' })).alg).to.equal('EdDSA');
    expect(changed.publicJwks().keys.map((key) => key.alg)).to.have.members([
      'ES256',
      'ES256',
      'EdDSA',
      'EdDSA',
    ]);
    await changed.close();
  });

  it('says how to recover when the database was made with another master key', async () => {
    const error = await refusal(
      createKeyRing({ ...test.deps, secrets: createSecretBox(randomBytes(32)) }),
      'INTERNAL',
    );
    expect(error.message).to.contain('another master key').and.contain('signingKeys');
  });
});

describe('the key ring with each algorithm', () => {
  for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'] as const) {
    it(`signs and verifies with ${algorithm}`, async () => {
      const test = await createTestDeps({ config: { tokens: { algorithm } } });
      const now = Math.floor(test.clock().getTime() / 1000);
      const token = await test.deps.keys.sign(
        { iss: test.deps.config.issuer, sub: 'someone', iat: now, exp: now + 60 },
        { typ: 'at+jwt' },
      );
      expect(decodeProtectedHeader(token).alg).to.equal(algorithm);
      expect((await test.deps.keys.verify(token, { typ: 'at+jwt' })).sub).to.equal('someone');
      await test.close();
    });
  }
});

describe('the key ring with several algorithms', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps({
      config: {
        tokens: { algorithm: 'ES256', additionalAlgorithms: ['EdDSA'] },
        resources: [
          { identifier: 'https://one.example', signingAlgorithm: 'PS256' },
          { identifier: 'https://two.example', signingAlgorithm: 'HS256', sharedSecret: 's'.repeat(32) },
        ],
      },
    });
  });
  afterEach(() => test.close());

  const ALGORITHMS = ['ES256', 'EdDSA', 'PS256'] as const;
  const sign = (algorithm?: string) => {
    const now = Math.floor(test.clock().getTime() / 1000);
    const payload = { iss: test.deps.config.issuer, sub: 'someone', iat: now, exp: now + 900 };
    return test.deps.keys.sign(payload, { typ: 'at+jwt', algorithm });
  };
  const kidsByAlgorithm = () =>
    ALGORITHMS.map((algorithm) =>
      test.deps.keys
        .publicJwks()
        .keys.filter((key) => key.alg === algorithm)
        .map((key) => key.kid),
    );

  it('holds and publishes keys for each of them, and signs with the one asked for', async () => {
    expect(kidsByAlgorithm().map((kids) => kids.length)).to.deep.equal([2, 2, 2]);
    expect(test.deps.keys.publicJwks().keys).to.have.lengthOf(6);
    for (const algorithm of ALGORITHMS) {
      const token = await sign(algorithm);
      expect(decodeProtectedHeader(token).alg).to.equal(algorithm);
      expect((await test.deps.keys.verify(token, { typ: 'at+jwt' })).sub).to.equal('someone');
    }
    expect(decodeProtectedHeader(await sign()).alg).to.equal('ES256');
  });

  it('has no key for any other, least of all a symmetric one', async () => {
    await refusal(sign('RS256'), 'UNAVAILABLE');
    await refusal(sign('HS256'), 'UNAVAILABLE');
    await refusal(sign('none'), 'UNAVAILABLE');
  });

  it('rotates all of them at once', async () => {
    const before = await Promise.all(ALGORITHMS.map((algorithm) => sign(algorithm)));
    await test.deps.keys.rotate();
    expect(kidsByAlgorithm().map((kids) => kids.length)).to.deep.equal([3, 3, 3]);
    for (const [index, algorithm] of ALGORITHMS.entries()) {
      const kid = decodeProtectedHeader(await sign(algorithm)).kid;
      expect(kid).to.not.equal(decodeProtectedHeader(before[index] ?? '').kid);
      await test.deps.keys.verify(before[index] ?? '', { typ: 'at+jwt' });
    }
    await test.deps.keys.rotate({ discardOld: true });
    for (const token of before)
      await refusal(test.deps.keys.verify(token, { typ: 'at+jwt' }), 'INVALID_TOKEN');
  });
});
