import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { digestOf } from '../support/digest.js';
import { type Examples, startExamples } from './examples.js';

const AUDIENCE = 'https://notes.example';

describe('the example of an API that validates tokens', () => {
  let examples: Examples;
  before(async () => {
    examples = await startExamples(['api']);
  });
  after(() => examples.close());

  const now = () => Math.floor(Date.now() / 1000);
  /** Signed by Fieldgate's key, right in everything but what is told. */
  const token = (claims: object = {}, typ = 'at+jwt'): Promise<string> =>
    examples.app.deps.keys.sign(
      {
        iss: examples.app.config.issuer,
        aud: AUDIENCE,
        sub: 'user-1',
        client_id: 'notes-web',
        scope: 'notes:read',
        jti: 'one',
        iat: now(),
        exp: now() + 60,
        ...claims,
      },
      { typ },
    );
  const ask = (authorization?: string, method = 'GET') =>
    fetch(`${examples.apiUrl}/notes`, {
      method,
      headers: authorization === undefined ? {} : { authorization },
      ...(method === 'POST' && { body: 'Buy bread' }),
    });

  it('takes a good token for the routes that its scope names, and only those', async () => {
    const read = await ask(`Bearer ${await token()}`);
    expect([read.status, await read.json()]).to.deep.equal([200, { notes: [] }]);
    const write = await ask(`Bearer ${await token()}`, 'POST');
    expect(write.status).to.equal(403);
    expect(write.headers.get('www-authenticate')).to.equal(
      'Bearer error="insufficient_scope", scope="notes:write"',
    );
    const allowed = await ask(`Bearer ${await token({ scope: 'notes:write' })}`, 'POST');
    expect(await allowed.json()).to.deep.equal({ notes: ['Buy bread'] });
  });

  it('challenges a request without a token, and names no error', async () => {
    const answer = await ask();
    expect([answer.status, answer.headers.get('www-authenticate')]).to.deep.equal([401, 'Bearer']);
  });

  it('refuses tokens of another issuer, for another audience, expired, of another type, bound, or forged', async () => {
    const good = await token();
    expect(decodeJwt(good).aud).to.equal(AUDIENCE);
    const [head, body] = good.split('.');
    const bad = {
      issuer: await token({ iss: 'https://evil.example' }),
      audience: await token({ aud: 'https://another.example' }),
      'our own API': await token({ aud: examples.app.config.issuer }),
      expired: await token({ exp: now() - 60 }),
      'ID token': await token({}, 'JWT'),
      bound: await token({ cnf: { jkt: 'x'.repeat(43) } }),
      'without a signature': `${head}.${body}.`,
      garbage: 'garbage',
    };
    for (const [title, one] of Object.entries(bad)) {
      const answer = await ask(`Bearer ${one}`);
      expect(answer.status, title).to.equal(401);
      expect(answer.headers.get('www-authenticate'), title).to.equal('Bearer error="invalid_token"');
    }
  });

  it('takes a token that is bound to a key with the proof of that key, made for this request, once', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const bound = await token({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
    const proof = (over: object = {}, key = privateKey): Promise<string> =>
      new SignJWT({
        jti: randomUUID(),
        htm: 'GET',
        htu: `${examples.apiUrl}/notes`,
        iat: now(),
        ath: digestOf(bound),
        ...over,
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(key);
    const use = (dpop: string, scheme = 'DPoP', one = bound) =>
      fetch(`${examples.apiUrl}/notes`, { headers: { authorization: `${scheme} ${one}`, dpop } });

    const good = await proof();
    expect((await use(good)).status).to.equal(200);
    const another = await generateKeyPair('ES256');
    const bad = {
      'seen before': good,
      'of another method': await proof({ htm: 'POST' }),
      'of another address': await proof({ htu: 'https://evil.example/notes' }),
      'for another token': await proof({ ath: 'x'.repeat(43) }),
      'that is stale': await proof({ iat: now() - 120 }),
      'of another key': await proof({}, another.privateKey),
      'that is garbage': 'garbage',
    };
    for (const [title, dpop] of Object.entries(bad)) {
      const answer = await use(dpop);
      expect(answer.status, title).to.equal(401);
      expect(answer.headers.get('www-authenticate'), title).to.equal('DPoP error="invalid_dpop_proof"');
    }
    expect((await use(await proof(), 'Bearer')).status).to.equal(401);
    expect((await use(await proof(), 'DPoP', await token())).status).to.equal(401);
  });
});
