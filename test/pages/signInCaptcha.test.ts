import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { expect } from 'chai';
import { createSession } from '../../src/identity/sessions/sessions.js';
import { type Person, startApp, type TestApp } from '../support/app.js';
import { ORIGIN } from '../support/deps.js';
import type { Answer } from '../support/http.js';
import { createVisitor, headingOf } from './visitor.js';

const NEW_PASSWORD = 'granite Tulip 77 sails east';

describe('a CAPTCHA that one account is asked for, and not its network', () => {
  let app: TestApp;
  let person: Person;
  let people = 10;
  before(async () => {
    app = await startApp({ captcha: { proofOfWorkCost: 1 }, risk: { weights: { newDevice: 60 } } });
  });
  beforeEach(async () => {
    person = await app.signUpAndConfirm();
    const user = await app.deps.models.users.findById(person.id).lean();
    if (!user) throw new Error('no user');
    await createSession(app.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
    // Nobody can be sent a code, so that the CAPTCHA is what is left to ask for.
    await app.deps.models.users.updateOne(
      { _id: person.id },
      { $set: { emailVerified: false, phone: `+4474001234${people++}`, phoneVerified: true } },
    );
  });
  after(() => app.close());

  async function solution({ text }: Answer<string>): Promise<string> {
    const task = /data-captcha-task="([^"]*)"/
      .exec(text)?.[1]
      ?.replaceAll('&quot;', '"')
      .replaceAll('&#34;', '"');
    const challenge = JSON.parse(task ?? '') as Challenge;
    const solved = await solveChallenge({ challenge, deriveKey });
    return Buffer.from(JSON.stringify({ challenge, solution: solved })).toString('base64');
  }

  it('can be solved on the page that refused for want of it', async () => {
    const visitor = createVisitor(app);
    const shown = await visitor.open('/sign-in');
    expect(shown.text).to.not.include('data-captcha-task');
    const typed = { identifier: person.email, password: person.password };
    const refused = await visitor.send(shown, typed);
    expect(refused.status).to.equal(400);
    const signedIn = await visitor.send(refused, { ...typed, captcha: await solution(refused) });
    expect(headingOf(signedIn)).to.equal('You are signed in');
  });

  it('can be solved where a temporary password is replaced', async () => {
    await app.deps.models.users.updateOne({ _id: person.id }, { $set: { mustChangePassword: true } });
    const visitor = createVisitor(app);
    const typed = { identifier: person.email, password: person.password, newPassword: NEW_PASSWORD };
    const refused = await visitor.send(await visitor.open('/sign-in/new-password'), typed);
    expect(refused.status).to.equal(400);
    const signedIn = await visitor.send(refused, { ...typed, captcha: await solution(refused) });
    expect(headingOf(signedIn)).to.equal('You are signed in');
  });
});
