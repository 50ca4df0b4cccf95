import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { expect } from 'chai';
import { browse, CALLBACK, SECRET, startProvider } from '../oauth/clients/provider.js';
import type { Person, TestApp } from '../support/app.js';
import { skipBecause } from '../support/skip.js';

// Of the distribution, whose packages another Python in the path would not see.
const PYTHON = '/usr/bin/python3';

describe('a Python client with authlib', () => {
  let app: TestApp;
  let person: Person;
  let python: ChildProcessWithoutNullStreams;
  let lines: Interface;
  let errors = '';
  before(async function () {
    if (spawnSync(PYTHON, ['-c', 'import authlib, requests']).status !== 0) {
      skipBecause(this, 'python3-authlib and python3-requests are not installed');
    }
    app = await startProvider();
    person = await app.signUpAndConfirm();
    python = spawn(PYTHON, ['test/examples/client.py'], {
      // authlib refuses http for anything but tests.
      env: { PATH: process.env['PATH'], AUTHLIB_INSECURE_TRANSPORT: '1', NO_PROXY: '*' },
    });
    python.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    lines = createInterface({ input: python.stdout });
  });
  after(async () => {
    if (python?.exitCode === null) {
      const ended = once(python, 'exit');
      python.kill('SIGKILL');
      await ended;
    }
    await app?.close();
  });

  const say = (value: object) => python.stdin.write(`${JSON.stringify(value)}\n`);

  it('signs in by code and PKCE, verifies the ID token, reads userinfo, refreshes, introspects and revokes', async () => {
    const answers = lines[Symbol.asyncIterator]();
    const next = async () => {
      const { value, done } = await answers.next();
      if (done) throw new Error(`the Python client ended:\n${errors}`);
      return JSON.parse(value);
    };
    const nonce = randomBytes(16).toString('hex');
    say({
      issuer: app.config.issuer,
      client_id: 'basic',
      client_secret: SECRET,
      redirect_uri: CALLBACK,
      scope: 'openid email offline_access',
      code_verifier: randomBytes(32).toString('base64url'),
      nonce,
    });
    const { url } = await next();
    say({ callback: (await browse(app, new URL(url), person)).href });
    const { token, claims, header } = await next();
    expect(token).to.include({ token_type: 'Bearer', scope: 'openid email offline_access' });
    expect(claims).to.include({ sub: person.id, aud: 'basic', nonce, email: person.email });
    expect(header).to.include({ alg: 'ES256' });
    expect((await next()).userinfo).to.include({ sub: person.id, email: person.email });
    const { refreshed } = await next();
    expect(refreshed.refresh_token).to.be.a('string').and.not.equal(token.refresh_token);
    expect((await next()).introspection).to.include({ active: true, sub: person.id, client_id: 'basic' });
    expect(await next()).to.deep.equal({ revocation: 200, after: 401 });
  });
});
