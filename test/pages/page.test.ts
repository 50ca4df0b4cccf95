import { expect } from 'chai';
import { FORM_TTL_SECONDS } from '../../src/pages/formToken.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';
import { createVisitor, formOf, headingOf, type Visitor } from './visitor.js';

const POLICY =
  "default-src 'none';style-src 'self';img-src 'self' data:;form-action 'self';frame-ancestors 'none';base-uri 'none'";

describe('every page', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({ http: { corsOrigins: ['https://listed.example'] } });
  });
  after(() => app.close());

  async function openConfirmation(visitor: Visitor): Promise<{ email: string; page: Answer<string> }> {
    const { email } = await app.signUp();
    const { token } = await app.lastLetterTo(email);
    return { email, page: await visitor.open(`/confirm-email?token=${token}`) };
  }
  const isVerified = async (email: string): Promise<boolean | undefined> =>
    (await app.deps.models.users.findOne({ emailNormalized: email }).lean())?.emailVerified;

  it('carries its headers and runs no script, errors as well', async () => {
    const visitor = createVisitor(app);
    const { page } = await openConfirmation(visitor);
    const answers = [
      page,
      await visitor.open('/'),
      await visitor.open('/reset-password'),
      await visitor.open('/nowhere'),
      await visitor.send(page, { csrf: 'wrong' }),
    ];
    for (const { headers, text } of answers) {
      expect(headers.get('content-security-policy')).to.equal(POLICY);
      expect(headers.get('x-frame-options')).to.equal('DENY');
      expect(headers.get('referrer-policy')).to.equal('no-referrer');
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('content-type')).to.equal('text/html; charset=utf-8');
      expect(text).not.to.match(/<script|\son\w+=|javascript:|\sstyle=|<style/i);
      expect(text.match(/(?:src|href)="(?!\/|#|data:,)[^"]*"/g)).to.equal(null);
      expect(text).to.match(/^<!doctype html>\n<html lang="en">/);
      expect(text).to.match(/<title>[^<]+<\/title>/);
      expect(text.match(/<main>/g)).to.have.length(1);
      expect(text.match(/<h1>/g)).to.have.length(1);
    }
  });

  it('serves its stylesheet under an address that changes with it, for ever', async () => {
    const { text } = await createVisitor(app).open('/');
    const path = /<link rel="stylesheet" href="([^"]+)">/.exec(text)?.[1] ?? '';
    const sheet = await app.rest<string>(path);
    expect(sheet.headers.get('content-type')).to.equal('text/css; charset=utf-8');
    expect(sheet.headers.get('cache-control')).to.include('immutable');
    expect(sheet.text)
      .to.include('prefers-color-scheme: dark')
      .and.not.match(/url\(|@import/);
  });

  it('keeps the cookie of its forms from scripts, and lets it live for an hour', async () => {
    const { page } = await openConfirmation(createVisitor(app));
    const [cookie = ''] = page.headers.getSetCookie();
    expect(cookie).to.match(/^fieldgate_form=[0-9a-z]+\.[\w-]{22}; /);
    expect(cookie.split('; ').slice(1)).to.have.members([
      `Max-Age=${FORM_TTL_SECONDS}`,
      'Path=/',
      'HttpOnly',
      'SameSite=Lax',
    ]);
  });

  describe('refuses a form', () => {
    it('without a token, with a wrong one, without the cookie, or with the cookie of another browser', async () => {
      const visitor = createVisitor(app);
      const { email, page } = await openConfirmation(visitor);
      const stranger = createVisitor(app);
      await openConfirmation(stranger);
      const answers = [
        await visitor.send(page, { csrf: '' }),
        await visitor.send(page, { csrf: `${formOf(page.text).hidden['csrf']?.slice(0, -1)}!` }),
        await visitor.send(page, {}, { cookie: '' }),
        await visitor.send(page, {}, { cookie: stranger.cookies() }),
        await visitor.send(page, {}, { cookie: 'fieldgate_form=forged' }),
      ];
      for (const answer of answers) {
        expect([answer.status, headingOf(answer)]).to.deep.equal([403, 'Not allowed']);
      }
      expect(await isVerified(email)).to.equal(false);
      expect((await visitor.send(page)).status).to.equal(200);
    });

    it('with a token made for the form of another page', async () => {
      const visitor = createVisitor(app);
      const { email, page } = await openConfirmation(visitor);
      const person = await app.signUpAndConfirm();
      await app.graphql(
        'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }',
        { input: { identifier: person.email } },
      );
      const { token } = await app.lastLetterTo(person.email);
      const { csrf } = formOf((await visitor.open(`/reset-password?token=${token}`)).text).hidden;
      expect((await visitor.send(page, { csrf: csrf ?? '' })).status).to.equal(403);
      expect(await isVerified(email)).to.equal(false);
    });

    it('that a foreign page sent, even with the right token', async () => {
      const visitor = createVisitor(app);
      const { email, page } = await openConfirmation(visitor);
      const foreign: Record<string, string>[] = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': '', origin: 'https://evil.example' },
        { 'sec-fetch-site': 'none', origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site', origin: 'https://listed.example' },
      ];
      for (const headers of foreign) {
        expect((await visitor.send(page, {}, headers)).status, JSON.stringify(headers)).to.equal(403);
      }
      expect(await isVerified(email)).to.equal(false);
    });

    it('after an hour', async () => {
      const visitor = createVisitor(app);
      const { email, page } = await openConfirmation(visitor);
      app.clock.advance(FORM_TTL_SECONDS);
      const answer = await visitor.send(page);
      expect(answer.status).to.equal(403);
      expect(answer.text).to.include('open for too long');
      expect(await isVerified(email)).to.equal(false);
    });

    it('with a repeated, unknown or missing field, or that is no form at all', async () => {
      const visitor = createVisitor(app);
      const { email, page } = await openConfirmation(visitor);
      const { csrf = '', token = '' } = formOf(page.text).hidden;
      const headers = { accept: 'text/html', cookie: visitor.cookies(), 'sec-fetch-site': 'same-origin' };
      const send = (form: [string, string][]) => app.rest('/confirm-email', { form, headers });
      const answers = [
        await send([
          ['csrf', csrf],
          ['token', token],
          ['token', token],
        ]),
        await send([
          ['csrf', csrf],
          ['token', token],
          ['extra', '1'],
        ]),
        await send([['csrf', csrf]]),
        await send([
          ['csrf', csrf],
          ['__proto__', token],
        ]),
        await app.rest('/confirm-email', { body: { csrf, token }, headers }),
        await app.rest('/confirm-email', { method: 'POST', headers }),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 400));
      expect(await isVerified(email)).to.equal(false);
    });

    it('that is too large', async () => {
      const visitor = createVisitor(app);
      const { page } = await openConfirmation(visitor);
      const answer = await visitor.send(page, { token: 'x'.repeat(17 * 1024) });
      expect([answer.status, headingOf(answer)]).to.deep.equal([413, 'Too large']);
    });
  });

  it('takes a form without any claim of origin by its token: a browser on plain http in a local network', async () => {
    const visitor = createVisitor(app);
    const { page } = await openConfirmation(visitor);
    const { hidden } = formOf(page.text);
    const headers = { cookie: visitor.cookies(), accept: 'text/html', origin: 'null' };
    const refused = await app.rest('/confirm-email', { form: { ...hidden, csrf: 'x' }, headers });
    expect(refused.status).to.equal(403);
    expect((await app.rest('/confirm-email', { form: hidden, headers })).status).to.equal(200);
  });

  it('leaves the forms of other tabs usable', async () => {
    const visitor = createVisitor(app);
    const first = await openConfirmation(visitor);
    app.clock.advance(60);
    const second = await openConfirmation(visitor);
    expect((await visitor.send(first.page)).status).to.equal(200);
    expect((await visitor.send(second.page)).status).to.equal(200);
  });

  it('escapes what somebody else chose', async () => {
    const email = `o'b&"x"@example.com`;
    const target = 'x"><img src=y>@example.com';
    const person = await app.signUp();
    const { token } = await app.lastLetterTo(person.email);
    await app.deps.models.confirmations.updateOne({ _id: token.split('.')[0] }, { $set: { target } });
    const { text } = await createVisitor(app).open(`/confirm-email?token=${token}`);
    expect(text).to.include('x&quot;&gt;&lt;img src=y&gt;@example.com').and.not.include('<img');
    expect((await createVisitor(app).open(`/<script>?token=${email}`)).text).not.to.include('<script');
  });
});

describe('the pages', () => {
  it('count their forms against the limit of the other doors, and say when to come back', async () => {
    const app = await startApp({ rateLimits: { enabled: true, signIn: { max: 1, windowSeconds: 60 } } });
    try {
      const { email } = await app.signUp();
      const { token } = await app.lastLetterTo(email);
      const visitor = createVisitor(app);
      const page = await visitor.open(`/confirm-email?token=${token}`);
      expect((await visitor.send(page, { token: 'garbage' })).status).to.equal(400);
      const refused = await visitor.send(page);
      expect([refused.status, headingOf(refused)]).to.deep.equal([429, 'Too many requests']);
      expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
      app.clock.advance(61);
      expect((await visitor.send(page)).status).to.equal(200);
    } finally {
      await app.close();
    }
  });

  it('answer a program in JSON, and a browser in HTML, where there is nothing', async () => {
    const app = await startApp();
    try {
      const visitor = createVisitor(app);
      const page = await visitor.open('/nowhere');
      expect([page.status, headingOf(page)]).to.deep.equal([404, 'Page not found']);
      const json = await app.rest('/nowhere');
      expect([json.status, json.body.error.code]).to.deep.equal([404, 'NOT_FOUND']);
      const dead = await app.rest('/confirm-email?token=x', { headers: { accept: 'application/json' } });
      expect([dead.status, dead.body.error.code]).to.deep.equal([400, 'CODE_INVALID']);
      const method = await app.rest<string>('/confirm-email', {
        method: 'PUT',
        headers: { accept: 'text/html' },
      });
      expect([method.status, method.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD, POST']);
      expect(method.text).to.include('<!doctype html>');
    } finally {
      await app.close();
    }
  });

  it('show a page with a reference when the fault is ours, and nothing of the fault', async () => {
    const app = await startApp();
    try {
      const { email } = await app.signUp();
      const { token } = await app.lastLetterTo(email);
      app.deps.models.confirmations.findOne = () => {
        throw new Error('the secret of the house');
      };
      const answer = await createVisitor(app).open(`/confirm-email?token=${token}`);
      expect([answer.status, headingOf(answer)]).to.deep.equal([500, 'Something went wrong']);
      expect(answer.text).to.include(answer.headers.get('x-request-id') ?? '?');
      expect(answer.text).not.to.include('secret of the house');
    } finally {
      await app.close();
    }
  });

  it('know the path that a proxy serves them under', async () => {
    const app = await startApp({ issuer: 'https://login.example.com/id' });
    try {
      const { email } = await app.signUp();
      const { token } = await app.lastLetterTo(email);
      const page = await createVisitor(app).open(`/confirm-email?token=${token}`);
      expect(formOf(page.text).action).to.equal('/id/confirm-email');
      expect(page.text).to.include('href="/id/pages/');
      expect(page.headers.getSetCookie()[0]).to.match(/^__Host-fieldgate_form=.*; Path=\/; HttpOnly; Secure/);
    } finally {
      await app.close();
    }
  });
});
