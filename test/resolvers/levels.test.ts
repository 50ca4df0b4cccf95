import { expect } from 'chai';
import { codeOf } from '../identity/factors/authenticatorApp.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';
import { enrolTotp, signInWithTotp } from './authenticator.js';
import { mutate } from './mutate.js';

const STEP = `result {
  __typename
  ... on SignedIn { session { id acr amr authenticatedAt } tokens { accessToken scopes } recoveryCodes }
  ... on FactorRequired { transaction factors { id kind } }
  ... on EnrolmentRequired { requiredAcr transaction kinds wrongAnswer totp { seed otpauthUri qrCodeSvg } passkeyOptions hint }
}`;

// As in `Http`: a field that is not there makes the test fail.
// oxlint-disable-next-line typescript/no-explicit-any
type Result = Record<string, any>;

async function stepOf(app: TestApp, mutation: string, input: object, credentials = {}) {
  const answer = await mutate(app, mutation, input, credentials, STEP);
  expect(answer.errors, answer.text).to.deep.equal([]);
  const { result } = answer.payload as { result: Result };
  return { result, answer };
}

const identified = ({ email, password }: Person) => ({ identifier: email, password });

describe('raising a running session', () => {
  let app: TestApp;
  let person: Person & Tokens;
  before(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    person = await app.signInAs();
  });
  after(() => app.close());

  it('answers with new tokens of the same session, which say what was shown', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    const credentials = { token: person.accessToken };
    app.clock.advance(30);
    const { result: asked } = await stepOf(app, 'stepUp', { acr: 'aal2' }, credentials);
    expect(asked['__typename']).to.equal('FactorRequired');
    const { result: chosen } = await stepOf(app, 'continueSignIn', {
      transaction: asked['transaction'],
      factorId: phone.factorId,
    });
    const { result } = await stepOf(app, 'continueSignIn', {
      transaction: chosen['transaction'],
      code: phone.code(),
    });
    expect(result['session']).to.deep.include({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] });
    const before = await app.deps.keys.verify(person.accessToken, { typ: 'at+jwt' });
    const after = await app.deps.keys.verify(result['tokens'].accessToken, { typ: 'at+jwt' });
    expect(after).to.include({ sid: before['sid'], acr: 'aal2' });
    expect(Number(after['auth_time'])).to.be.greaterThan(Number(before['auth_time']));
    const strong = { token: result['tokens'].accessToken };
    expect(
      (await mutate(app, 'regenerateRecoveryCodes', null, strong, 'recoveryCodes')).errors,
    ).to.deep.equal([]);
  });

  it('gives a cookie a new value, the one before being worth nothing, and no tokens', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    app.clock.advance(30);
    const opened = await mutate(
      app,
      'signIn',
      { ...identified(person), session: 'COOKIE' },
      {},
      'result { ... on FactorRequired { transaction } }',
    );
    const choose = (transaction: string) =>
      stepOf(app, 'continueSignIn', { transaction, factorId: phone.factorId });
    const first = await choose(opened.payload.result.transaction);
    const entered = await stepOf(app, 'continueSignIn', {
      transaction: first.result['transaction'],
      code: phone.code(),
      session: 'COOKIE',
    });
    const cookie = cookieOf(entered.answer.headers);
    app.clock.advance(30);
    const { result: asked } = await stepOf(app, 'stepUp', {}, { cookie });
    const second = await choose(asked['transaction']);
    const raised = await stepOf(app, 'continueSignIn', {
      transaction: second.result['transaction'],
      code: phone.code(),
      session: 'TOKENS',
    });
    expect(raised.result).to.deep.include({ __typename: 'SignedIn', tokens: null });
    expect(raised.result['session'].id).to.equal(entered.result['session'].id);
    const renewed = cookieOf(raised.answer.headers);
    expect(renewed).to.not.equal(cookie);
    const viewer = async (value: string) =>
      (await app.graphql('{ viewer { id } }', {}, { cookie: value })).data.viewer;
    expect(await viewer(cookie)).to.equal(null);
    expect(await viewer(renewed)).to.deep.equal({ id: `User:${person.id}` });
  });

  it('widens no token', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    app.clock.advance(30);
    const narrow = await mutate(
      app,
      'signIn',
      { ...identified(person), scopes: ['openid', 'account'] },
      {},
      'result { ... on FactorRequired { transaction } }',
    );
    const input = { transaction: narrow.payload.result.transaction, factorId: phone.factorId };
    const chosen = await stepOf(app, 'continueSignIn', input);
    const entered = await stepOf(app, 'continueSignIn', {
      transaction: chosen.result['transaction'],
      code: phone.code(),
      scopes: ['openid', 'account'],
    });
    const token = entered.result['tokens'].accessToken;
    app.clock.advance(30);
    const { result: asked } = await stepOf(app, 'stepUp', {}, { token });
    const again = await stepOf(app, 'continueSignIn', {
      transaction: asked['transaction'],
      factorId: phone.factorId,
    });
    const raised = await stepOf(app, 'continueSignIn', {
      transaction: again.result['transaction'],
      code: phone.code(),
      scopes: ['openid', 'account', 'users:write'],
    });
    expect(raised.result['tokens'].scopes).to.have.members(['openid', 'account']);
  });

  it('takes a session, and a level that there is', async () => {
    expect((await mutate(app, 'stepUp', { acr: 'aal2' })).codes).to.deep.equal(['UNAUTHENTICATED']);
    const wrong = await mutate(app, 'stepUp', { acr: 'gold' }, { token: person.accessToken });
    expect(wrong.userErrors.map(({ path }) => path)).to.deep.equal([['input', 'acr']]);
  });

  it('sets no factor up: that takes a recent sign-in', async () => {
    const { result } = await stepOf(app, 'stepUp', {}, { token: person.accessToken });
    expect(result).to.deep.include({ __typename: 'EnrolmentRequired', kinds: [] });
    const input = { transaction: result['transaction'], enroll: 'TOTP' };
    expect((await mutate(app, 'continueSignIn', input)).codes).to.deep.equal(['UNAUTHENTICATED']);
  });
});

describe('a level that is demanded', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({ factors: { demands: [{ role: 'auditor', acr: 'aal2' }] } });
  });
  after(() => app.close());

  const withRole = async (person: Person) => {
    await app.deps.models.users.updateOne(
      { _id: person.id },
      { $set: { roleAssignments: [{ role: 'user' }, { role: 'auditor' }] } },
    );
  };

  it('of a role is reached by setting a factor up on the way in', async () => {
    const person = await app.signUpAndConfirm();
    await withRole(person);
    const { result: asked } = await stepOf(app, 'signIn', identified(person));
    expect(asked).to.deep.include({ requiredAcr: 'aal2', kinds: ['TOTP', 'WEBAUTHN', 'EMAIL'], totp: null });
    const { result: begun } = await stepOf(app, 'continueSignIn', {
      transaction: asked['transaction'],
      enroll: 'TOTP',
    });
    const { seed, qrCodeSvg } = begun['totp'];
    expect(qrCodeSvg).to.match(/^<svg /);
    const { result: wrong } = await stepOf(app, 'continueSignIn', {
      transaction: begun['transaction'],
      code: '000000',
    });
    expect(wrong).to.deep.include({ __typename: 'EnrolmentRequired', wrongAnswer: true, totp: null });
    const { result } = await stepOf(app, 'continueSignIn', {
      transaction: wrong['transaction'],
      code: codeOf(app, seed),
    });
    expect(result['session']).to.deep.include({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] });
    expect(result['recoveryCodes']).to.have.length(10);
    expect((await app.lastLetterTo(person.email)).text).to.include('was added to your account');
  });

  for (const [kind, amr] of [
    ['EMAIL', 'otp'],
    ['SMS', 'sms'],
  ] as const) {
    it(`of a role is reached by codes to a confirmed contact, set up on the way in: ${kind}`, async () => {
      const person = await app.signUpAndConfirm();
      await withRole(person);
      const phone = `+44207946${String(Date.now()).slice(-4)}`;
      const to = kind === 'SMS' ? phone : person.email;
      await app.deps.models.users.updateOne({ _id: person.id }, { $set: { phone, phoneVerified: true } });
      const { result: asked } = await stepOf(app, 'signIn', identified(person));
      expect(asked['kinds']).to.deep.equal(['TOTP', 'WEBAUTHN', 'SMS', 'EMAIL']);
      const { transaction } = asked;
      const { result: begun } = await stepOf(app, 'continueSignIn', { transaction, enroll: kind });
      const hint = kind === 'SMS' ? `•••• ${phone.slice(-4)}` : 'p•••@example.com';
      expect(begun).to.deep.include({ hint, totp: null, passkeyOptions: null, wrongAnswer: false });
      const { code } = await app.lastLetterTo(to);
      const { result: wrong } = await stepOf(app, 'continueSignIn', {
        transaction: begun['transaction'],
        code: code === '000000' ? '000001' : '000000',
      });
      expect(wrong).to.deep.include({ __typename: 'EnrolmentRequired', wrongAnswer: true, hint });
      // One code, many answers: one factor, one session.
      const input = { transaction: wrong['transaction'], code };
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => mutate(app, 'continueSignIn', input, {}, STEP)),
      );
      const entered = answers.flatMap(({ payload }) =>
        payload?.result?.__typename === 'SignedIn' ? [payload.result] : [],
      );
      expect(entered).to.have.length(1);
      expect(entered[0].session).to.deep.include({ acr: 'aal2', amr: ['pwd', amr, 'mfa'] });
      expect(entered[0].recoveryCodes).to.have.length(10);
      const factors = await app.deps.models.factors.find({ userId: person.id }).lean();
      expect(factors.map((factor) => factor.kind)).to.deep.equal([kind.toLowerCase()]);
    });
  }

  it('is reached by no codes to a contact that is not confirmed', async () => {
    const person = await app.signUpAndConfirm();
    await withRole(person);
    const phone = '+442079461111';
    await app.deps.models.users.updateOne({ _id: person.id }, { $set: { phone, phoneVerified: false } });
    const { result: asked } = await stepOf(app, 'signIn', identified(person));
    expect(asked['kinds']).to.not.include('SMS');
    for (const enroll of ['SMS', 'RECOVERY_CODE']) {
      const { result: again } = await stepOf(app, 'signIn', identified(person));
      const refused = await mutate(app, 'continueSignIn', { transaction: again['transaction'], enroll });
      expect(refused.userErrors.map(({ code }) => code)).to.deep.equal(['BAD_USER_INPUT']);
    }
  });

  it('lets 50 answers with one code set up one factor', async () => {
    const person = await app.signUpAndConfirm();
    await withRole(person);
    const { result: asked } = await stepOf(app, 'signIn', identified(person));
    const { result: begun } = await stepOf(app, 'continueSignIn', {
      transaction: asked['transaction'],
      enroll: 'TOTP',
    });
    const input = { transaction: begun['transaction'], code: codeOf(app, begun['totp'].seed) };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => mutate(app, 'continueSignIn', input, {}, STEP)),
    );
    const entered = answers.filter(({ payload }) => payload?.result?.__typename === 'SignedIn');
    expect(entered).to.have.length(1);
    expect(await app.deps.models.factors.countDocuments({ userId: person.id })).to.equal(1);
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id })).to.equal(1);
  });

  it('lets no password alone set up a factor beside one that there is', async () => {
    const person = await app.signInAs();
    const waiting = await app.signUpAndConfirm();
    await withRole(waiting);
    const { result: asked } = await stepOf(app, 'signIn', identified(waiting));
    // Set up elsewhere meanwhile.
    await app.deps.models.factors.updateMany({ userId: person.id }, { $set: { userId: waiting.id } });
    await enrolTotp(app, person.accessToken);
    await app.deps.models.factors.updateMany({ userId: person.id }, { $set: { userId: waiting.id } });
    const refused = await mutate(app, 'continueSignIn', {
      transaction: asked['transaction'],
      enroll: 'TOTP',
    });
    expect(refused.codes).to.deep.equal(['UNAUTHENTICATED']);
  });

  it('keeps the last factor that reaches it, but not the last but one', async () => {
    const person = await app.signInAs();
    const phone = await enrolTotp(app, person.accessToken);
    await withRole(person);
    const token = await signInWithTotp(app, person, phone);
    const refused = await mutate(app, 'removeFactor', { id: phone.factorId }, { token });
    expect(refused.userErrors.map(({ code }) => code)).to.deep.equal(['CONFLICT']);
    await enrolTotp(app, token, 'Second');
    const removed = await mutate(
      app,
      'removeFactor',
      { id: phone.factorId },
      { token },
      'user { factors { name } }',
    );
    expect(removed.payload.user.factors).to.deep.equal([{ name: 'Second' }]);
  });
});

function cookieOf(headers: Headers): string {
  const cookie = headers.getSetCookie().find((one) => one.includes('session='));
  if (!cookie) throw new Error('no session cookie');
  return cookie.split(';', 1)[0] ?? '';
}
