import { expect } from 'chai';
import { setUpApp } from '../identity/factors/authenticatorApp.js';
import { createVisitor, headingOf } from '../pages/visitor.js';
import { mutate } from '../resolvers/mutate.js';
import { type Person, startApp, type TestApp } from '../support/app.js';

const NEW_PASSWORD = 'granite Tulip 77 sails east';
const STEP = `result {
  __typename
  ... on SignedIn { tokens { accessToken } }
  ... on FactorRequired { transaction wrongAnswer }
}`;

describe('who knows the temporary password of an account with a second factor', () => {
  let app: TestApp;
  let person: Person;
  let factorId: string;
  let code: () => string;

  before(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    person = await app.signUpAndConfirm();
    const user = await app.deps.models.users.findOne({ _id: person.id }).lean();
    if (!user) throw new Error('no user');
    ({ id: factorId, code } = await setUpApp(app, user));
    await app.deps.models.users.updateOne({ _id: person.id }, { $set: { mustChangePassword: true } });
  });
  after(() => app.close());

  async function step(mutation: string, input: object) {
    const { payload, userErrors } = await mutate(app, mutation, input, {}, STEP);
    return { result: payload?.result, faults: userErrors.map((fault) => fault.code) };
  }
  const signIn = (password: string, newPassword?: string) =>
    step('signIn', { identifier: person.email, password, ...(newPassword && { newPassword }) });

  it('does not replace it through GraphQL without the factor, and with it does', async () => {
    const { result: asked } = await signIn(person.password, NEW_PASSWORD);
    expect(asked.__typename).to.equal('FactorRequired');
    const { result: chosen } = await step('continueSignIn', { transaction: asked.transaction, factorId });
    const { result: wrong } = await step('continueSignIn', {
      transaction: chosen.transaction,
      code: '000000',
    });
    expect(wrong).to.deep.include({ __typename: 'FactorRequired', wrongAnswer: true });
    expect((await signIn(NEW_PASSWORD)).faults).to.deep.equal(['INVALID_CREDENTIALS']);
    expect((await signIn(person.password)).result.__typename).to.equal('PasswordChangeRequired');

    const { result } = await step('continueSignIn', { transaction: wrong.transaction, code: code() });
    expect(result.__typename).to.equal('SignedIn');
    const { data } = await app.graphql('{ viewer { id } }', {}, { token: result.tokens.accessToken });
    expect(data.viewer.id).to.equal(`User:${person.id}`);
    expect((await signIn(person.password)).faults).to.deep.equal(['INVALID_CREDENTIALS']);
    expect((await signIn(NEW_PASSWORD)).result.__typename).to.equal('FactorRequired');
  });

  it('does not replace it on the pages without the factor, and with it does', async () => {
    const visitor = createVisitor(app);
    const asked = await visitor.send(await visitor.open('/sign-in/new-password'), {
      identifier: person.email,
      password: person.password,
      newPassword: NEW_PASSWORD,
    });
    expect(asked.text).to.include('Phone');
    const chosen = await visitor.send(asked, { [`choice.use:${factorId}`]: '1' });
    expect((await signIn(NEW_PASSWORD)).faults).to.deep.equal(['INVALID_CREDENTIALS']);
    const wrong = await visitor.send(chosen, { code: '000000' });
    expect((await signIn(person.password)).result.__typename).to.equal('PasswordChangeRequired');

    const signedIn = await visitor.send(wrong, { code: code() });
    expect(headingOf(signedIn)).to.equal('You are signed in');
    const { data } = await app.graphql('{ viewer { id } }', {}, { cookie: visitor.cookies() });
    expect(data.viewer.id).to.equal(`User:${person.id}`);
    expect((await signIn(person.password)).faults).to.deep.equal(['INVALID_CREDENTIALS']);
  });

  it('is told at once that the new one is weak or the same', async () => {
    expect((await signIn(person.password, 'password1')).faults).to.deep.equal(['PASSWORD_TOO_WEAK']);
    expect((await signIn(person.password, person.password)).faults).to.deep.equal(['BAD_USER_INPUT']);
    const visitor = createVisitor(app);
    const refused = await visitor.send(await visitor.open('/sign-in/new-password'), {
      identifier: person.email,
      password: person.password,
      newPassword: person.password,
    });
    expect(refused.status).to.equal(400);
    expect(refused.text).to.include('must differ');
  });
});
