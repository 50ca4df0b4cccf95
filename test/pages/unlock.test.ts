import { expect } from 'chai';
import { type Person, startApp, type TestApp } from '../support/app.js';
import { createVisitor, headingOf } from './visitor.js';

describe('the page that lets sign-ins through again', () => {
  let app: TestApp;
  let person: Person;
  let link: string;
  before(async () => {
    app = await startApp({ captcha: { demand: 'never' } });
  });
  beforeEach(async () => {
    person = await app.signUpAndConfirm();
    for (let guess = 0; guess < 5; guess += 1) await signIn(`guess ${guess}`);
    const { text } = await app.lastLetterTo(person.email);
    link = (/https?:\S+/.exec(text)?.[0] ?? '').slice(app.config.issuer.length);
  });
  after(() => app.close());

  const signIn = async (password = person.password) =>
    (await app.rest('/auth/login', { body: { identifier: person.email, password } })).status;

  it('does so by its button, not by being fetched', async () => {
    expect(link).to.match(/^\/unlock\?token=/);
    const visitor = createVisitor(app);
    const page = await visitor.open(link);
    expect(headingOf(page)).to.equal('Let sign-ins through again?');
    expect(page.text).to.include(person.email);
    expect(await signIn()).to.not.equal(200);
    const done = await visitor.send(page);
    expect(headingOf(done)).to.equal('Sign-ins are let through again');
    expect(await signIn()).to.equal(200);
  });

  it('is dead after its use, for the link and for a form that is still open', async () => {
    const visitor = createVisitor(app);
    const page = await visitor.open(link);
    await visitor.send(page);
    expect((await visitor.send(page)).status).to.equal(400);
    expect((await visitor.open(link)).status).to.equal(400);
    expect((await visitor.open('/unlock')).status).to.equal(400);
  });
});
