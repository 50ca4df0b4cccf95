import { expect } from 'chai';
import { regenerateRecoveryCodes } from '../../src/identity/factors/recoveryCodes.js';
import { setUpApp } from '../identity/factors/authenticatorApp.js';
import { type Person, startApp, type TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

const STEP = `result {
  __typename
  ... on SignedIn { session { acr amr } tokens { accessToken } user { id } }
  ... on FactorRequired { transaction chosen challenge wrongAnswer factors { id kind name hint } }
  ... on EnrolmentRequired { requiredAcr }
}`;

// As in `Http`: a field that is not there makes the test fail.
// oxlint-disable-next-line typescript/no-explicit-any
type Step = Record<string, any>;

describe('a second factor through the doors', () => {
  let app: TestApp;
  let person: Person;
  let factorId: string;
  let code: () => string;

  before(async () => {
    app = await startApp();
    person = await app.signUpAndConfirm();
    const user = await app.deps.models.users.findOne({ _id: person.id }).lean();
    if (!user) throw new Error('no user');
    ({ id: factorId, code } = await setUpApp(app, user));
  });
  beforeEach(() => app.clock.advance(60));
  after(() => app.close());

  const step = async (mutation: string, input: object, cookie?: string) => {
    const answer = await mutate(app, mutation, input, cookie ? { cookie } : {}, STEP);
    expect(answer.errors, answer.text).to.deep.equal([]);
    const { result } = answer.payload as { result: Step };
    return { result, answer };
  };
  const credentials = (more: object = {}) => ({
    identifier: person.email,
    password: person.password,
    ...more,
  });

  it('is asked for in steps by GraphQL, and the tokens say so', async () => {
    const { result: asked } = await step('signIn', credentials());
    expect(asked).to.deep.include({ __typename: 'FactorRequired', chosen: null, wrongAnswer: false });
    expect(asked['factors']).to.deep.equal([{ id: factorId, kind: 'TOTP', name: 'Phone', hint: null }]);
    const { result: chosen } = await step('continueSignIn', { transaction: asked['transaction'], factorId });
    expect(chosen['chosen']).to.equal(factorId);
    const { result: wrong } = await step('continueSignIn', {
      transaction: chosen['transaction'],
      code: '000000',
    });
    expect(wrong).to.deep.include({ __typename: 'FactorRequired', wrongAnswer: true });
    const { result } = await step('continueSignIn', { transaction: wrong['transaction'], code: code() });
    expect(result).to.deep.include({
      __typename: 'SignedIn',
      session: { acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] },
    });
    const claims = await app.deps.keys.verify(result['tokens'].accessToken, { typ: 'at+jwt' });
    expect(claims).to.include({ acr: 'aal2' });
    const reused = await mutate(
      app,
      'continueSignIn',
      { transaction: wrong['transaction'], code: code() },
      {},
      STEP,
    );
    expect(reused.codes).to.deep.equal(['UNAUTHENTICATED']);
  });

  it('is not asked for in a browser that is trusted', async () => {
    const [recoveryCode = ''] = await regenerateRecoveryCodes(app.deps, person.id);
    const { result: asked } = await step('signIn', credentials({ session: 'COOKIE' }));
    const { result: chosen } = await step('continueSignIn', {
      transaction: asked['transaction'],
      factorId: 'recoveryCode',
    });
    const { result, answer } = await step('continueSignIn', {
      transaction: chosen['transaction'],
      recoveryCode,
      session: 'COOKIE',
      trustThisDevice: true,
    });
    expect(result).to.include({ __typename: 'SignedIn', tokens: null });
    const trusted = answer.headers.getSetCookie().find((one) => one.startsWith('fieldgate_device='));
    expect(trusted)
      .to.match(/HttpOnly/)
      .and.match(/Max-Age=2592000/);
    const again = await step('signIn', credentials(), trusted?.split(';', 1)[0]);
    expect(again.result).to.deep.include({ session: { acr: 'aal1', amr: ['pwd'] } });
    const raised = await step('signIn', credentials({ acr: 'aal2' }), trusted?.split(';', 1)[0]);
    expect(raised.result['__typename']).to.equal('FactorRequired');
  });

  it('closes the doors that have one step only', async () => {
    const login = await app.rest('/auth/login', { body: credentials() });
    expect([login.status, login.body.error.code]).to.deep.equal([401, 'STEP_UP_REQUIRED']);
    expect(login.text).to.not.include('accessToken');
  });

  it('refuses more than one answer, and none', async () => {
    const { result: asked } = await step('signIn', credentials());
    for (const answers of [{}, { code: '1', recoveryCode: '2' }]) {
      const refused = await mutate(app, 'continueSignIn', { transaction: asked['transaction'], ...answers });
      expect(refused.userErrors.map((fault) => fault.code)).to.deep.equal(['BAD_USER_INPUT']);
    }
  });

  it('leads to enrolment where a level is demanded that nothing reaches', async () => {
    const { result: asked } = await step('signIn', credentials({ acr: 'phr' }));
    const { result: chosen } = await step('continueSignIn', { transaction: asked['transaction'], factorId });
    const answered = { transaction: chosen['transaction'], code: code() };
    const { result } = await step('continueSignIn', answered);
    expect(result).to.deep.equal({ __typename: 'EnrolmentRequired', requiredAcr: 'phr' });
  });
});
