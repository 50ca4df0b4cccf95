import { expect } from 'chai';
import { createVisitor } from '../pages/visitor.js';
import { type Authenticator, enrolTotp } from '../resolvers/authenticator.js';
import { mutate } from '../resolvers/mutate.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';

const ASKED =
  'result { __typename ... on FactorRequired { transaction } ... on SignedIn { tokens { accessToken } } }';

describe('a program whose token may do little, and whose person shows a factor', () => {
  let app: TestApp;
  let person: Person;
  let phone: Authenticator;
  let narrow: Tokens;

  before(async () => {
    app = await startApp();
    person = await app.signUpAndConfirm();
    phone = await enrolTotp(app, (await app.signIn(person)).accessToken);
  });
  beforeEach(async () => {
    app.clock.advance(60);
    const asked = await mutate(app, 'signIn', credentials(), {}, ASKED);
    const done = await finish(asked.payload.result.transaction, { scopes: ['openid'] });
    narrow = done.payload.result.tokens;
    app.clock.advance(60);
  });
  after(() => app.close());

  const credentials = () => ({ identifier: person.email, password: person.password });
  async function choose(transaction: string, headers: Record<string, string> = {}): Promise<string> {
    const step = { transaction, factorId: phone.factorId };
    const chosen = await mutate(app, 'continueSignIn', step, { headers }, ASKED);
    return chosen.payload.result.transaction;
  }
  const finish = async (transaction: string, more: object = {}) =>
    mutate(
      app,
      'continueSignIn',
      { transaction: await choose(transaction), code: phone.code(), ...more },
      {},
      ASKED,
    );
  async function beginStepUp(headers: Record<string, string> = {}): Promise<string> {
    const begun = await mutate(app, 'stepUp', {}, { token: narrow.accessToken, headers }, ASKED);
    return begun.payload.result.transaction;
  }

  it('gets no more scopes than before, whatever it asks for', async () => {
    const { payload } = await finish(await beginStepUp(), { scopes: ['openid', 'account'] });
    const claims = await app.deps.keys.verify(payload.result.tokens.accessToken, { typ: 'at+jwt' });
    expect(claims).to.include({ scope: 'openid', acr: 'aal2' });
  });

  it('has no more rights in the rest of the request either', async () => {
    const transaction = await choose(await beginStepUp());
    const { data, errors } = await app.graphql(
      `mutation ($raise: ContinueSignInInput!, $profile: UpdateProfileInput!) {
        continueSignIn(input: $raise) { result { ... on SignedIn { user { id email } } } }
        updateProfile(input: $profile) { user { id } }
        regenerateRecoveryCodes { recoveryCodes }
      }`,
      { raise: { transaction, code: phone.code() }, profile: { nickname: 'Raised' } },
    );
    expect(data?.continueSignIn.result.user).to.deep.equal({ id: `User:${person.id}`, email: null });
    expect([data?.updateProfile, data?.regenerateRecoveryCodes]).to.deep.equal([null, null]);
    expect(errors.map(({ extensions }) => extensions.code)).to.deep.equal([
      'FORBIDDEN',
      'FORBIDDEN',
      'FORBIDDEN',
    ]);
    const user = await app.deps.models.users.findById(person.id).lean();
    expect(user?.nickname ?? null).to.equal(null);
  });

  it('cannot finish on the pages what it began, and get a cookie for it', async () => {
    const visitor = createVisitor(app);
    const form = await visitor.send(await visitor.open('/sign-in'), credentials());
    expect(form.text).to.include('name="transaction"');
    const browserKey = /fieldgate_browser=([^;]+)/.exec(visitor.cookies())?.[1] ?? '';
    const before = await app.deps.models.sessions
      .find({ userId: person.id, cookieHash: { $ne: null } })
      .lean();

    const transaction = await choose(await beginStepUp({ 'user-agent': browserKey }), {
      'user-agent': browserKey,
    });
    await visitor.send(form, { transaction, code: phone.code() });
    expect(visitor.cookies()).to.not.include('fieldgate_session');
    const after = await app.deps.models.sessions
      .find({ userId: person.id, cookieHash: { $ne: null } })
      .lean();
    expect(after).to.deep.equal(before);
  });
});
