import { expect } from 'chai';
import { GOOD_PASSWORD, startApp, type TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';
import { createVisitor, headingOf, type Visitor } from './visitor.js';

const NEW_PASSWORD = 'amber Lantern 17 sails south';

describe('the page that sets a new password', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  /** A confirmed account that asked for a new password, and the page behind the mailed link. */
  async function openReset(): Promise<{
    email: string;
    link: string;
    visitor: Visitor;
    page: Answer<string>;
  }> {
    const { email } = await app.signUpAndConfirm();
    await app.graphql(
      'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }',
      { input: { identifier: email } },
    );
    const { text } = await app.lastLetterTo(email);
    const link = (/https?:\S+/.exec(text)?.[0] ?? '').slice(app.config.issuer.length);
    const visitor = createVisitor(app);
    return { email, link, visitor, page: await visitor.open(link) };
  }

  const typed = (newPassword: string, repeated = newPassword) => ({ newPassword, repeated });
  const mayEnter = async (email: string, password: string): Promise<boolean> =>
    (await app.rest('/auth/login', { body: { identifier: email, password } })).status === 200;

  it('leads from the mailed link to a sign-in with the new password, and not with the old', async () => {
    const { email, visitor, page } = await openReset();
    expect([page.status, headingOf(page)]).to.deep.equal([200, 'Set a new password']);
    const done = await visitor.send(page, typed(NEW_PASSWORD));
    expect([done.status, headingOf(done)]).to.deep.equal([200, 'Your password is set']);
    expect(await mayEnter(email, NEW_PASSWORD)).to.equal(true);
    expect(await mayEnter(email, GOOD_PASSWORD)).to.equal(false);
  });

  it('shows the rules before anything is typed, read out with the field', async () => {
    const { page } = await openReset();
    expect(page.text).to.include('At least 8 characters.');
    expect(page.text).to.match(/id="newPassword"[^>]* aria-describedby="newPassword-hint"/);
    expect(page.text).not.to.include('aria-invalid');
  });

  it('names the fault of a weak password beside its field, and the link stays usable', async () => {
    const { email, visitor, page } = await openReset();
    const refused = await visitor.send(page, typed('password'));
    expect(refused.status).to.equal(400);
    expect(refused.text).to.include('<title>Error: Set a new password');
    expect(refused.text).to.match(/<a href="#newPassword">This password cannot be used\./);
    expect(refused.text).to.match(/<p class="fault" id="newPassword-fault">This password cannot be used\./);
    expect(refused.text).to.match(
      /id="newPassword"[^>]* aria-describedby="newPassword-hint newPassword-fault" aria-invalid="true"/,
    );
    expect((await visitor.send(refused, typed(NEW_PASSWORD))).status).to.equal(200);
    expect(await mayEnter(email, NEW_PASSWORD)).to.equal(true);
  });

  it('refuses an empty one, one with control characters, one that is too long', async () => {
    const { email, visitor, page } = await openReset();
    for (const password of ['', `${NEW_PASSWORD}\u0007`, 'ä'.repeat(600)]) {
      const refused = await visitor.send(page, typed(password));
      expect(refused.status).to.equal(400);
      expect(refused.text).to.include('id="newPassword-fault"');
    }
    expect(await mayEnter(email, GOOD_PASSWORD)).to.equal(true);
  });

  it('refuses two passwords that differ, at the second field', async () => {
    const { email, visitor, page } = await openReset();
    const refused = await visitor.send(page, typed(NEW_PASSWORD, `${NEW_PASSWORD}.`));
    expect(refused.status).to.equal(400);
    expect(refused.text).to.match(/id="repeated"[^>]* aria-describedby="repeated-fault" aria-invalid="true"/);
    expect(await mayEnter(email, GOOD_PASSWORD)).to.equal(true);
  });

  it('never sends back what was typed, escaped or not', async () => {
    const { visitor, page } = await openReset();
    const refused = await visitor.send(page, typed('"><script>hostile', 'other'));
    expect(refused.status).to.equal(400);
    expect(refused.text).not.to.include('hostile');
  });

  it('is dead after its use, for the link and for a form that is still open', async () => {
    const { link, visitor, page } = await openReset();
    await visitor.send(page, typed(NEW_PASSWORD));
    const again = [
      await visitor.open(link),
      await visitor.send(page, typed(NEW_PASSWORD)),
      await visitor.send(page, typed('weak')),
      await visitor.send(page, typed('one', 'two')),
    ];
    for (const answer of again) {
      expect([answer.status, headingOf(answer)]).to.deep.equal([400, 'This link does not work any more']);
    }
  });

  it('is dead after its time', async () => {
    const { email, link, visitor, page } = await openReset();
    app.clock.advance(app.config.accounts.passwordResetTtlSeconds + 1);
    expect((await visitor.open(link)).status).to.equal(400);
    expect((await visitor.send(page, typed(NEW_PASSWORD))).status).to.equal(400);
    expect(await mayEnter(email, GOOD_PASSWORD)).to.equal(true);
  });

  it('serves the invitation of an administrator', async () => {
    const email = 'invited@example.com';
    const { errors } = await app.graphql(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { userErrors { code message } } }',
      { input: { email, roles: [] } },
      { token: await app.adminToken() },
    );
    expect(errors).to.deep.equal([]);
    const { token } = await app.lastLetterTo(email);
    const visitor = createVisitor(app);
    const done = await visitor.send(
      await visitor.open(`/reset-password?token=${token}`),
      typed(NEW_PASSWORD),
    );
    expect(done.status).to.equal(200);
    expect(await mayEnter(email, NEW_PASSWORD)).to.equal(true);
  });

  describe('by the code of the message', () => {
    /** As a person goes: from the page that asks for the message to the one where its code is typed. */
    async function openCode(): Promise<{
      email: string;
      code: string;
      visitor: Visitor;
      page: Answer<string>;
    }> {
      const { email } = await app.signUpAndConfirm();
      const visitor = createVisitor(app);
      const sent = await visitor.send(await visitor.open('/forgot-password'), { identifier: email });
      const path = /href="([^"]*)">type its code/.exec(sent.text)?.[1] ?? '';
      const { code } = await app.lastLetterTo(email);
      return { email, code, visitor, page: await visitor.open(path) };
    }

    it('leads to a sign-in with the new password, after a wrong code and a weak password', async () => {
      const { email, code, visitor, page } = await openCode();
      expect(headingOf(page)).to.equal('Set a new password');
      const wrong = code === '00000000' ? '00000001' : '00000000';
      const refused = await visitor.send(page, { contact: email, code: wrong, ...typed(NEW_PASSWORD) });
      expect(refused.status).to.equal(400);
      expect(refused.text)
        .to.include('<a href="#code">This code is not right')
        .and.include(`value="${email}"`);
      const weak = await visitor.send(refused, { contact: email, code, ...typed('password') });
      expect(weak.text).to.include('<a href="#newPassword">This password cannot be used.');
      const differing = await visitor.send(weak, { contact: email, code, ...typed(NEW_PASSWORD, 'x') });
      expect(differing.text).to.include('<a href="#repeated">');
      const done = await visitor.send(differing, { contact: email, code, ...typed(NEW_PASSWORD) });
      expect([done.status, headingOf(done)]).to.deep.equal([200, 'Your password is set']);
      expect(await mayEnter(email, NEW_PASSWORD)).to.equal(true);
    });

    it('says the same of an address that nobody has', async () => {
      const { email, visitor, page } = await openCode();
      const fields = { code: '12345678', ...typed(NEW_PASSWORD) };
      const known = await visitor.send(page, { contact: email, ...fields });
      const nobody = await visitor.send(page, { contact: `x${email.slice(1)}`, ...fields });
      const shown = ({ text }: Answer<string>) => text.replace(/value="[^"]*"/g, '');
      expect(shown(nobody)).to.equal(shown(known));
    });
  });
});
