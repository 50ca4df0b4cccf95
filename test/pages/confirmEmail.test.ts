import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import { createVisitor, formOf, headingOf } from './visitor.js';

const DEAD_LINK = 'This link does not work any more';

describe('the page that confirms an e-mail address', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({}, { keepLog: true });
  });
  after(() => app.close());

  const linkIn = (text: string): string => {
    const link = /https?:\S+/.exec(text)?.[0] ?? '';
    expect(link.startsWith(`${app.config.issuer}/`), link).to.equal(true);
    return link.slice(app.config.issuer.length);
  };
  const isVerified = async (email: string): Promise<boolean | undefined> =>
    (await app.deps.models.users.findOne({ emailNormalized: email }).lean())?.emailVerified;

  it('leads from the mailed link to a sign-in', async () => {
    const person = await app.signUp();
    const visitor = createVisitor(app);
    const page = await visitor.open(linkIn((await app.lastLetterTo(person.email)).text));
    expect([page.status, headingOf(page)]).to.deep.equal([200, 'Confirm your address']);
    expect(page.text).to.include(person.email);

    const done = await visitor.send(page);
    expect([done.status, headingOf(done)]).to.deep.equal([200, 'Your address is confirmed']);
    expect(await app.signIn(person)).to.have.property('accessToken');
  });

  it('changes nothing on GET and HEAD, however often a scanner of mail fetches the link', async () => {
    const { email } = await app.signUp();
    const link = linkIn((await app.lastLetterTo(email)).text);
    for (let fetched = 0; fetched < 3; fetched += 1) {
      expect((await app.rest(link)).status).to.equal(200);
      expect((await app.rest(link, { method: 'HEAD' })).status).to.equal(200);
    }
    expect(await isVerified(email)).to.equal(false);
    const visitor = createVisitor(app);
    expect((await visitor.send(await visitor.open(link))).status).to.equal(200);
    expect(await isVerified(email)).to.equal(true);
  });

  it('serves the link of a change of address, in words of its own', async () => {
    const person = await app.signInAs();
    const newEmail = `new-${person.email}`;
    await askForChange(person, newEmail);
    const visitor = createVisitor(app);
    const page = await visitor.open(linkIn((await app.lastLetterTo(newEmail)).text));
    expect(headingOf(page)).to.equal('Use this address?');
    const done = await visitor.send(page);
    expect(done.text).to.include(newEmail);
    expect(await isVerified(newEmail)).to.equal(true);
  });

  it('says when another account confirmed the address first', async () => {
    const person = await app.signInAs();
    const wanted = `taken-${person.email}`;
    await askForChange(person, wanted);
    const { token } = await app.lastLetterTo(wanted);
    const visitor = createVisitor(app);
    const page = await visitor.open(`/confirm-email?token=${token}`);
    await app.signUpAndConfirm({ email: wanted });
    const answer = await visitor.send(page);
    expect(answer.status).to.equal(409);
    expect(answer.text).to.include('Another account uses this by now.');
  });

  it('works once: the link and the form are dead after their use', async () => {
    const { email } = await app.signUp();
    const link = linkIn((await app.lastLetterTo(email)).text);
    const visitor = createVisitor(app);
    const page = await visitor.open(link);
    await visitor.send(page);
    for (const answer of [await visitor.send(page), await visitor.open(link)]) {
      expect([answer.status, headingOf(answer)]).to.deep.equal([400, DEAD_LINK]);
    }
  });

  it('says the same of expired, foreign, incomplete and missing links', async () => {
    const { email } = await app.signUp();
    const { token } = await app.lastLetterTo(email);
    const { token: late } = await app.lastLetterTo((await app.signUp()).email);
    app.clock.advance(app.config.accounts.confirmationTtlSeconds + 1);
    const resetToken = await resetTokenOf(await app.signUpAndConfirm());
    const queries = [
      `token=${late}`,
      `token=${resetToken}`,
      `token=${token.slice(0, -1)}`,
      'token=garbage',
      `token=${'x'.repeat(5000)}`,
      'token[$ne]=1',
      `token=${token}&token=${token}`,
      'token=',
      '',
    ];
    const visitor = createVisitor(app);
    const texts = new Set<string>();
    for (const query of queries) {
      const answer = await visitor.open(`/confirm-email?${query}`);
      expect([answer.status, headingOf(answer)], query.slice(0, 60)).to.deep.equal([400, DEAD_LINK]);
      texts.add(answer.text);
    }
    expect(texts).to.have.property('size', 1);
  });

  it('takes the token out of the address: the form posts to one without it', async () => {
    const { email } = await app.signUp();
    const { token } = await app.lastLetterTo(email);
    const page = await createVisitor(app).open(`/confirm-email?token=${token}`);
    const { action, hidden } = formOf(page.text);
    expect(action).to.equal('/confirm-email');
    expect(hidden['token']).to.equal(token);
    expect(page.text.split(token)).to.have.length(2);
  });

  it('leaves the token in no log line, whatever happens to it', async () => {
    const { email } = await app.signUp();
    const { token } = await app.lastLetterTo(email);
    const secret = token.split('.')[1] ?? '';
    expect(secret).to.have.length.above(30);
    const visitor = createVisitor(app);
    const page = await visitor.open(`/confirm-email?token=${token}`);
    await visitor.open(`/confirm-emails?token=${token}`);
    await visitor.send(page, {}, { 'sec-fetch-site': 'cross-site' });
    await visitor.send(page);
    await visitor.send(page);
    const lines = app.logLines.filter((line) => line.includes('/confirm-email'));
    expect(lines).to.have.length.above(3);
    expect(app.logLines.filter((line) => line.includes(secret))).to.deep.equal([]);
  });

  async function askForChange({ accessToken }: { accessToken: string }, newEmail: string): Promise<void> {
    const answer = await app.graphql(
      'mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) { userErrors { code } } }',
      { input: { newEmail } },
      { token: accessToken },
    );
    if (answer.data?.changeEmail?.userErrors.length !== 0) throw new Error(answer.text);
  }

  async function resetTokenOf({ email }: { email: string }): Promise<string> {
    await app.graphql(
      'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }',
      { input: { identifier: email } },
    );
    return (await app.lastLetterTo(email)).token;
  }
});
