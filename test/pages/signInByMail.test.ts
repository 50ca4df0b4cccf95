import { expect } from 'chai';
import { allowAll, answerOf, follow, requestOf, startFlows } from '../oauth/authorize/flow.js';
import type { Person, TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';
import { createVisitor, headingOf, type Visitor } from './visitor.js';

describe('the pages that sign in by mail', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startFlows({ factors: { emailSignIn: ['code', 'link'] }, lockout: { maxFailures: 50 } });
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  async function ask(email = person.email): Promise<{ visitor: Visitor; page: Answer<string> }> {
    const visitor = createVisitor(app);
    const page = await visitor.send(await visitor.open('/sign-in/email'), { email });
    return { visitor, page };
  }
  const letter = async (email = person.email) => {
    const { text, code } = await app.lastLetterTo(email);
    return { code, link: (/https?:\S+/.exec(text)?.[0] ?? '').slice(app.config.issuer.length) };
  };

  it('are reached from the sign-in page, and lead to a session by the code', async () => {
    expect((await createVisitor(app).open('/sign-in')).text).to.include('href="/sign-in/email"');
    const { visitor, page } = await ask();
    expect(headingOf(page)).to.equal('Look into your mail');
    expect(page.headers.get('cache-control')).to.equal('no-store');
    const { code } = await letter();
    const wrong = await visitor.send(page, { code: code === '00000000' ? '00000001' : '00000000' });
    expect([wrong.status, headingOf(wrong)]).to.deep.equal([400, 'Look into your mail']);
    expect(wrong.text).to.include('aria-invalid="true"');
    const done = await visitor.send(wrong, { code });
    expect([done.status, headingOf(done)]).to.deep.equal([200, 'You are signed in']);
    expect(visitor.cookies()).to.include('fieldgate_session=');
    const old = await visitor.send(wrong, { code });
    expect(headingOf(old)).to.equal('One moment');
    expect(old.text).to.include('href="/sign-in/email"');
  });

  it('lead to a session by the link, by its button alone', async () => {
    const { visitor } = await ask();
    const { link } = await letter();
    const opened = await visitor.open(link);
    expect(headingOf(opened)).to.equal('Sign in?');
    expect(opened.text).to.include(person.email);
    expect(visitor.cookies()).to.not.include('fieldgate_session=');
    expect(opened.headers.get('referrer-policy')).to.equal('no-referrer');
    const done = await visitor.send(await visitor.open(link));
    expect(headingOf(done)).to.equal('You are signed in');
    const again = await visitor.open(link);
    expect([again.status, headingOf(again)]).to.deep.equal([400, 'This link does not work any more']);
  });

  it('sign nobody in by a link that is opened elsewhere, name nobody, and leave it open', async () => {
    const { visitor } = await ask();
    const { link } = await letter();
    const other = await app.signUpAndConfirm();
    const stranger = await ask(other.email);
    const elsewhere = await stranger.visitor.open(link);
    const heading = 'Open this link where you asked for it';
    expect([elsewhere.status, headingOf(elsewhere)]).to.deep.equal([200, heading]);
    expect(elsewhere.text).to.not.include(person.email).and.not.include('<form');
    // Whoever has a form of their own may put the token of another into it.
    const own = await stranger.visitor.open((await letter(other.email)).link);
    const token = new URL(link, app.url).searchParams.get('token') ?? '';
    expect(headingOf(await stranger.visitor.send(own, { token }))).to.equal(heading);
    expect(stranger.visitor.cookies()).to.not.include('fieldgate_session=');
    const done = await visitor.send(await visitor.open(link));
    expect(headingOf(done)).to.equal('You are signed in');
  });

  for (const way of ['code', 'link'] as const) {
    it(`lead on to the app that somebody came from, by the ${way}`, async () => {
      const visitor = createVisitor(app);
      const signIn = await follow(
        app,
        visitor,
        await visitor.open(requestOf({ login_hint: person.email, prompt: 'consent' }).path),
      );
      const address = /href="(\/sign-in\/email\?request=[^"]*)"/.exec(signIn.text)?.[1] ?? '';
      const form = await visitor.open(address);
      expect(form.text).to.include('Photo Book').and.include(`value="${person.email}"`);
      const asked = await visitor.send(form, { email: person.email });
      const { code, link } = await letter();
      const done =
        way === 'code' ? await visitor.send(asked, { code }) : await visitor.send(await visitor.open(link));
      const consent = await follow(app, visitor, done);
      expect(headingOf(consent)).to.equal('Allow Photo Book?');
      const back = await follow(app, visitor, await visitor.send(consent, allowAll(consent)));
      expect(answerOf(back).get('code')).to.be.a('string');
    });
  }

  it('reach no demanded level by two letters, and say what does', async () => {
    const { id, email } = await app.signUpAndConfirm();
    const confirmedAt = app.clock();
    const factor = { _id: `mail-${id}`, userId: id, kind: 'email' as const, name: 'E-mail', target: email };
    await app.deps.models.factors.create({ ...factor, confirmedAt });
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['aal2'] } } });
    const visitor = createVisitor(app);
    const signIn = await follow(app, visitor, await visitor.open(requestOf({ claims }).path));
    const address = /href="(\/sign-in\/email\?request=[^"]*)"/.exec(signIn.text)?.[1] ?? '';
    const asked = await visitor.send(await visitor.open(address), { email });
    const refused = await visitor.send(asked, { code: (await letter(email)).code });
    expect(refused.status).to.equal(401);
    expect(refused.text).to.include('with your password');
    expect(visitor.cookies()).to.not.include('fieldgate_session=');
  });

  it('lead by a link to no other app than that of its letter', async () => {
    const { visitor } = await ask();
    const { link } = await letter();
    const signIn = await follow(app, visitor, await visitor.open(requestOf().path));
    const request = /request=([^"]*)"/.exec(signIn.text)?.[1] ?? '';
    const opened = await visitor.open(`${link}&request=${request}`);
    expect(headingOf(opened)).to.equal('Open this link where you asked for it');
  });

  it('refuse a form without its token', async () => {
    const { visitor } = await ask();
    const { link } = await letter();
    const forged = await visitor.send(await visitor.open(link), { csrf: 'x' });
    expect(forged.status).to.equal(403);
    expect(headingOf(await visitor.send(await visitor.open(link)))).to.equal('You are signed in');
  });

  it('say the same for an address of nobody', async () => {
    const [known, nobody] = [await ask(), await ask('n'.repeat(13) + person.email.slice(13))];
    const comparable = ({ text }: Answer<string>, email: string) =>
      text.replaceAll(email, '').replace(/value="[^"]{40,}"/g, '');
    expect(comparable(nobody.page, 'n'.repeat(13) + person.email.slice(13))).to.equal(
      comparable(known.page, person.email),
    );
    const answers = await Promise.all(
      [known, nobody].map(async ({ visitor, page }) => {
        const { status, text } = await visitor.send(page, { code: 'abcdef' });
        return [status, text.replace(/value="[^"]{40,}"/g, '')];
      }),
    );
    expect(answers[1]).to.deep.equal(answers[0]);
  });

  it('send another mail where one is asked for', async () => {
    const { visitor, page } = await ask();
    const before = await letter();
    app.clock.advance(31);
    const again = await visitor.send(page, { code: '', 'choice.again': '1' });
    const { code, link } = await letter();
    expect(link).to.not.equal(before.link);
    expect(headingOf(await visitor.send(again, { code }))).to.equal('You are signed in');
  });

  it('name the fault of what is no address', async () => {
    const { page } = await ask('ada');
    expect(page.status).to.equal(400);
    expect(page.text).to.include('This is not an e-mail address.');
  });

  it('lead addresses alone to the beginning', async () => {
    const page = await createVisitor(app).open('/sign-in/code');
    expect(page.text).to.include('href="/sign-in/email"');
  });
});
