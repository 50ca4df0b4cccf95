import { expect } from 'chai';
import { regenerateRecoveryCodes, takeRecoveryCode } from '../../src/identity/factors/recoveryCodes.js';
import { codeOf } from '../identity/factors/authenticatorApp.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';
import { enrolTotp, signInWithTotp } from './authenticator.js';
import { mutate } from './mutate.js';

const FACTORS =
  '{ viewer { factors { id kind name hint lastUsedAt } recoveryCodesLeft trustedDevices { id } } }';

describe('second factors through the API', () => {
  let app: TestApp;
  let person: Person & Tokens;
  before(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    person = await app.signInAs();
  });
  after(() => app.close());

  const token = () => ({ token: person.accessToken });
  const ofViewer = async (accessToken = person.accessToken) =>
    (await app.graphql(FACTORS, {}, { token: accessToken })).data.viewer;
  const actions = async () =>
    (await app.deps.models.auditEvents.find({ objectId: person.id }).sort({ at: 1 }).lean()).map(
      ({ action }) => action,
    );

  it('have no recovery codes before the first, which somebody could keep until then', async () => {
    const early = await mutate(app, 'regenerateRecoveryCodes', null, token(), 'recoveryCodes');
    expect(early.userErrors.map(({ code }) => code)).to.deep.equal(['CONFLICT']);
    const [planted = ''] = await regenerateRecoveryCodes(app.deps, person.id);
    const phone = await enrolTotp(app, person.accessToken);
    expect(phone.recoveryCodes).to.have.length(10).and.not.include(planted);
    expect(await takeRecoveryCode(app.deps, person.id, planted)).to.equal(false);
    expect(await takeRecoveryCode(app.deps, person.id, phone.recoveryCodes?.[0] ?? '')).to.equal(true);
  });

  it('begin without any', async () => {
    expect(await ofViewer()).to.deep.equal({ factors: [], recoveryCodesLeft: 0, trustedDevices: [] });
  });

  it('add an authenticator app: seed, URI and picture once, recovery codes with the first', async () => {
    const begun = await mutate(
      app,
      'beginTotpEnrollment',
      { name: 'Phone' },
      token(),
      'factorId seed otpauthUri qrCodeSvg',
    );
    const { factorId, seed, otpauthUri, qrCodeSvg } = begun.payload;
    expect(seed).to.match(/^[A-Z2-7]{32}$/);
    expect(otpauthUri).to.include('otpauth://totp/').and.include(`secret=${seed}`);
    expect(qrCodeSvg).to.match(/^<svg /);
    expect((await ofViewer()).factors, 'it counts once it is confirmed').to.deep.equal([]);

    const wrong = await mutate(app, 'confirmTotpEnrollment', { factorId, code: '000000' }, token());
    expect(wrong.userErrors.map(({ code }) => code)).to.deep.equal(['CODE_INVALID']);
    const input = { factorId, code: codeOf(app, seed) };
    const done = await mutate(
      app,
      'confirmTotpEnrollment',
      input,
      token(),
      'factor { kind name } recoveryCodes user { recoveryCodesLeft }',
    );
    expect(done.payload).to.deep.include({
      factor: { kind: 'TOTP', name: 'Phone' },
      user: { recoveryCodesLeft: 10 },
    });
    expect(new Set(done.payload.recoveryCodes).size).to.equal(10);
    expect(await actions()).to.include('user.addFactor');
    const letter = await app.lastLetterTo(person.email);
    expect(letter.text).to.include('The authenticator app "Phone" was added to your account.');
    expect(letter.text).to.not.include(seed);
  });

  it('add the confirmed address by the code that is sent there, once', async () => {
    const begun = await mutate(app, 'addEmailFactor', null, token(), 'factorId hint');
    expect(begun.payload.hint).to.equal('p•••@example.com');
    const { text } = await app.lastLetterTo(person.email);
    const code = /\d{6}/.exec(text)?.[0];
    const { factorId } = begun.payload;
    const done = await mutate(app, 'confirmEmailFactor', { factorId, code }, token(), 'factor { kind }');
    expect(done.payload.factor).to.deep.equal({ kind: 'EMAIL' });
    const again = await mutate(app, 'addEmailFactor', null, token());
    expect(again.codes).to.deep.equal(['STEP_UP_REQUIRED']);
  });

  it('add no number that is not confirmed', async () => {
    const refused = await mutate(app, 'addSmsFactor', null, token());
    expect(refused.userErrors.map(({ code }) => code)).to.deep.equal(['CONFLICT']);
  });

  it('need a sign-in younger than the limit, with the values of RFC 9470', async () => {
    app.clock.advance(app.config.factors.freshSignInSeconds + 1);
    const refused = await mutate(app, 'beginTotpEnrollment', { name: 'Phone' }, token());
    expect(refused.codes).to.deep.equal(['STEP_UP_REQUIRED']);
    expect(refused.errors[0]?.extensions).to.deep.include({ max_age: 600 });
    expect(refused.errors[0]?.extensions).to.not.have.property('acr_values');
  });

  it('need a sign-in by one of them, once there is one, to add and to remove', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    for (const [mutation, input] of [
      ['beginTotpEnrollment', { name: 'Second' }],
      ['addPasskeyOptions', null],
      ['regenerateRecoveryCodes', null],
      ['removeFactor', { id: phone.factorId }],
    ] as const) {
      const refused = await mutate(app, mutation, input, token());
      expect(refused.codes, mutation).to.deep.equal(['STEP_UP_REQUIRED']);
      expect(refused.errors[0]?.extensions, mutation).to.deep.include({
        acr_values: 'aal2',
        max_age: 600,
        authorizeUrl: `${app.config.issuer}/oauth/authorize?acr_values=aal2&max_age=600`,
      });
    }
    const strong = await signInWithTotp(app, person, phone);
    await enrolTotp(app, strong, 'Second');
    const names = (await ofViewer()).factors.map(({ name }: { name: string }) => name);
    expect(names).to.deep.equal(['Phone', 'Second']);
  });

  it('remove one: trusted browsers and sign-ins under way end with it, and with the last the recovery codes', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    const strong = await signInWithTotp(app, person, phone);
    const { models } = app.deps;
    const userId = person.id;
    const waiting = await mutate(
      app,
      'signIn',
      { identifier: person.email, password: person.password },
      {},
      'result { ... on FactorRequired { transaction } }',
    );
    await models.trustedDevices.create({
      _id: `device-${userId}`,
      userId,
      tokenHash: userId,
      device: { name: 'x', kind: 'other', userAgent: 'x' },
      address: '127.0.0.1',
      lastUsedAt: app.clock(),
      expiresAt: new Date(app.clock().getTime() + 1e9),
    });
    expect((await ofViewer()).trustedDevices).to.have.length(1);
    const removed = await mutate(
      app,
      'removeFactor',
      { id: phone.factorId },
      { token: strong },
      'user { factors { id } recoveryCodesLeft trustedDevices { id } }',
    );
    expect(removed.payload.user).to.deep.equal({ factors: [], recoveryCodesLeft: 0, trustedDevices: [] });
    const { transaction } = waiting.payload.result;
    const late = await mutate(app, 'continueSignIn', { transaction, factorId: phone.factorId });
    expect(late.codes).to.deep.equal(['UNAUTHENTICATED']);
    expect(await actions()).to.include('user.removeFactor');
    expect((await app.lastLetterTo(person.email)).text).to.include('"Phone" was removed');
  });

  it('do not reach the factors of another account', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    const other = await app.signInAs();
    for (const [mutation, input] of [
      ['removeFactor', { id: phone.factorId }],
      ['renameFactor', { id: phone.factorId, name: 'mine' }],
    ] as const) {
      const refused = await mutate(app, mutation, input, { token: other.accessToken });
      expect(
        refused.userErrors.map(({ code }) => code),
        mutation,
      ).to.deep.equal(['BAD_USER_INPUT']);
    }
    expect((await ofViewer()).factors).to.have.length(1);
  });

  it('are renamed', async () => {
    const { factorId: id } = await enrolTotp(app, person.accessToken);
    const renamed = await mutate(app, 'renameFactor', { id, name: ' Blue ' }, token(), 'factor { name }');
    expect(renamed.payload.factor).to.deep.equal({ name: 'Blue' });
    // A name with lines of its own would write into the letter that tells of its factor.
    for (const name of [' ', 'Blue"\n\nThis was us', '\u202eeulB']) {
      const refused = await mutate(app, 'renameFactor', { id, name }, token());
      expect(refused.userErrors.map(({ path }) => path)).to.deep.equal([['input', 'name']]);
    }
  });

  it('are removed by an administrator for somebody who has lost them all, who is written to', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    const id = `User:${person.id}`;
    const admin = { token: await app.adminToken() };
    const done = await mutate(
      app,
      'removeUserFactors',
      { id },
      admin,
      'removedCount user { factors { id } recoveryCodesLeft }',
    );
    expect(done.payload).to.deep.include({ removedCount: 1, user: { factors: [], recoveryCodesLeft: 0 } });
    expect((await app.lastLetterTo(person.email)).text).to.include('was removed');
    const event = await app.deps.models.auditEvents
      .findOne({ objectId: person.id, action: 'user.removeFactor' })
      .lean();
    expect(event?.actorId).to.be.a('string').and.not.equal(person.id);
    const signedIn = await app.signIn(person);
    expect(signedIn.accessToken).to.be.a('string');
    const gone = await mutate(app, 'removeUserFactors', { id, factorId: phone.factorId }, admin);
    expect(gone.userErrors.map(({ code }) => code)).to.deep.equal(['BAD_USER_INPUT']);
  });

  it('are not removed by their owner in the way of an administrator, which asks for no level', async () => {
    const phone = await enrolTotp(app, person.accessToken);
    const token = await signInWithTotp(app, person, phone);
    const refused = await mutate(app, 'removeUserFactors', { id: `User:${person.id}` }, { token });
    expect(refused.codes).to.deep.equal(['FORBIDDEN']);
    expect((await ofViewer()).factors).to.have.length(1);
  });

  it('show neither seeds nor keys, to nobody', async () => {
    const { seed, recoveryCodes } = await enrolTotp(app, person.accessToken);
    const admin = await app.adminToken();
    const { text } = await app.graphql(
      `{ user(id: "User:${person.id}") { factors { id name } recoveryCodesLeft } }`,
      {},
      { token: admin },
    );
    expect(text).to.include('Phone').and.not.include(seed);
    for (const code of recoveryCodes ?? []) expect(text).to.not.include(code);
  });
});

describe('the last factor', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it('is not removed twice at once: of 50 removals one succeeds', async () => {
    const person = await app.signInAs();
    const phone = await enrolTotp(app, person.accessToken);
    const token = await signInWithTotp(app, person, phone);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        mutate(app, 'removeFactor', { id: phone.factorId }, { token }, 'user { id }'),
      ),
    );
    expect(answers.filter(({ payload }) => payload?.user)).to.have.length(1);
  });
});
