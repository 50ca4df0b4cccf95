import { expect } from 'chai';
import { type Person, startApp, type TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

const STEP = `result {
  __typename
  ... on SignedIn { session { acr amr } tokens { accessToken scopes } user { id } }
  ... on FactorRequired { transaction chosen wrongAnswer factors { id kind name hint } }
}`;

describe('signing in by a mailed code, by GraphQL', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startApp({ factors: { emailSignIn: ['code', 'link'] }, lockout: { maxFailures: 50 } });
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  const step = async (mutation: string, input: object) => {
    const answer = await mutate(app, mutation, input, {}, STEP);
    expect(answer.errors, answer.text).to.deep.equal([]);
    return { answer, result: answer.payload.result };
  };
  const ask = async (more: object = {}) =>
    (await step('requestEmailSignIn', { email: person.email, ...more })).result;

  it('asks for the code, again after a wrong one, and gives tokens for the right one', async () => {
    const asked = await ask();
    expect(asked).to.deep.include({ __typename: 'FactorRequired', chosen: 'mailedCode', wrongAnswer: false });
    expect(asked.factors).to.deep.equal([{ id: 'mailedCode', kind: 'EMAIL', name: 'E-mail', hint: null }]);
    const { code, text } = await app.lastLetterTo(person.email);
    expect(text).to.not.include('http');
    const { result: wrong } = await step('continueSignIn', {
      transaction: asked.transaction,
      code: code === '00000000' ? '00000001' : '00000000',
    });
    expect(wrong).to.deep.include({ __typename: 'FactorRequired', wrongAnswer: true });
    const right = { transaction: wrong.transaction, code, scopes: ['account'] };
    const { result } = await step('continueSignIn', right);
    expect(result).to.deep.include({ __typename: 'SignedIn', session: { acr: 'aal1', amr: ['mca'] } });
    expect(result.tokens.scopes).to.deep.equal(['account']);
    const claims = await app.deps.keys.verify(result.tokens.accessToken, { typ: 'at+jwt' });
    expect(claims).to.deep.include({ acr: 'aal1', amr: ['mca'] });
    const again = await mutate(app, 'continueSignIn', right, {}, STEP);
    expect(again.codes).to.deep.equal(['UNAUTHENTICATED']);
  });

  it('sends another code where the one that was sent is chosen, and sets a cookie where one is wanted', async () => {
    const asked = await ask();
    app.clock.advance(31);
    const { transaction } = asked;
    const { result: again } = await step('continueSignIn', { transaction, factorId: 'mailedCode' });
    const { code } = await app.lastLetterTo(person.email);
    const { result, answer } = await step('continueSignIn', {
      transaction: again.transaction,
      code,
      session: 'COOKIE',
    });
    expect(result).to.deep.include({ __typename: 'SignedIn', tokens: null });
    expect(answer.headers.getSetCookie().join()).to.include('fieldgate_session=');
  });

  it('demands the level that was asked for at its beginning', async () => {
    const { transaction } = await ask({ acr: 'aal2' });
    const { code } = await app.lastLetterTo(person.email);
    const { result } = await step('continueSignIn', { transaction, code });
    expect(result).to.deep.equal({ __typename: 'EnrolmentRequired' });
  });

  it('sets nothing up and takes no other proof before the code', async () => {
    const { transaction } = await ask();
    for (const other of [{ enroll: 'TOTP' }, { recoveryCode: 'q9a74-dn3zh' }, { passkey: {} }]) {
      const refused = await mutate(app, 'continueSignIn', { transaction, ...other }, {}, STEP);
      expect(refused.codes).to.deep.equal(['UNAUTHENTICATED']);
    }
  });

  it('refuses what is no address, and no level', async () => {
    for (const input of [
      { email: 'ada' },
      { email: '+442079460000' },
      { email: person.email, acr: 'gold' },
    ]) {
      const { userErrors } = await mutate(app, 'requestEmailSignIn', input);
      expect(userErrors.map(({ code }) => code)).to.deep.equal(['BAD_USER_INPUT']);
    }
  });

  it('moves no contact of an account that has a password, as no reset does at once', async () => {
    const { email } = await app.signUpAndConfirm();
    const asked = (await step('requestEmailSignIn', { email })).result;
    const { code } = await app.lastLetterTo(email);
    const { result } = await step('continueSignIn', { transaction: asked.transaction, code });
    const token = result.tokens.accessToken;
    const move = (input = { newEmail: `moved-${email}` }) =>
      mutate(app, 'changeEmail', input, { token }, 'accepted');
    expect((await move()).codes).to.deep.equal(['FORBIDDEN']);
    await app.deps.models.users.updateOne({ email }, { $unset: { passwordHash: 1 } });
    expect((await move()).payload).to.deep.include({ accepted: true });
  });

  it('is told to its owner among the events of the account', async () => {
    const asked = await ask();
    const { code } = await app.lastLetterTo(person.email);
    const { result } = await step('continueSignIn', { transaction: asked.transaction, code });
    const { data } = await app.graphql(
      '{ viewer { securityEvents(first: 3) { nodes { action outcome } } } }',
      {},
      { token: result.tokens.accessToken },
    );
    expect(data.viewer.securityEvents.nodes).to.deep.include.members([
      { action: 'user.signIn', outcome: 'SUCCESS' },
      { action: 'user.requestEmailSignIn', outcome: 'SUCCESS' },
    ]);
  });
});
