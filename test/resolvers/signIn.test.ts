import { expect } from 'chai';
import { print } from 'graphql';
import { GOOD_PASSWORD, startApp, type TestApp } from '../support/app.js';
import {
  ConfirmEmailDocument,
  type ConfirmEmailMutation,
  SignInDocument,
  type SignInMutation,
  SignUpDocument,
  type SignUpMutation,
  ViewerDocument,
  type ViewerQuery,
} from '../support/generated/operations.js';
import { mutate } from './mutate.js';

describe('signing up and in through GraphQL', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  const signIn = (input: object, cookie?: string) =>
    app.graphql<SignInMutation>(print(SignInDocument), { input }, { cookie });

  it('takes a stranger from sign-up to their own account', async () => {
    const email = 'First.Person@Example.com';
    const signedUp = await app.graphql<SignUpMutation>(print(SignUpDocument), {
      input: { email, username: 'first', password: GOOD_PASSWORD },
    });
    expect(signedUp.data?.signUp).to.deep.equal({ accepted: true, userErrors: [] });

    const early = await signIn({ identifier: email, password: GOOD_PASSWORD });
    expect(early.data?.signIn?.result?.__typename).to.equal('ConfirmationRequired');

    const letter = await app.lastLetterTo(email);
    const confirmed = await app.graphql<ConfirmEmailMutation>(print(ConfirmEmailDocument), {
      input: { token: letter.token },
    });
    expect(confirmed.data?.confirmEmail).to.deep.equal({ confirmed: true, userErrors: [] });

    const answer = await signIn({ identifier: 'FIRST', password: GOOD_PASSWORD });
    const result = answer.data?.signIn?.result;
    if (result?.__typename !== 'SignedIn') throw new Error(answer.text);
    expect(result.user.email).to.equal(email.replace('Example', 'example'));
    expect(result.session.current).to.equal(true);
    expect(result.tokens?.tokenType).to.equal('Bearer');
    expect(result.tokens?.refreshToken).to.be.a('string');
    expect(answer.headers.get('set-cookie')).to.equal(null);

    const token = result.tokens?.accessToken;
    const { data } = await app.graphql<ViewerQuery>(print(ViewerDocument), {}, { token });
    expect(data?.viewer).to.deep.include({ id: result.user.id, username: 'first', emailVerified: true });
    expect(data?.viewer?.roleAssignments).to.deep.equal([{ role: 'user' }]);
  });

  it('keeps a browser signed in by a cookie that scripts cannot read, and gives it no token', async () => {
    const { email, password } = await app.signUpAndConfirm();
    const answer = await signIn({ identifier: email, password, session: 'COOKIE' });
    const setCookie = answer.headers.get('set-cookie') ?? '';
    expect(setCookie)
      .to.match(/HttpOnly/i)
      .and.match(/SameSite=Lax/i);
    expect(answer.data?.signIn?.result).to.deep.include({ __typename: 'SignedIn', tokens: null });

    const cookie = setCookie.split(';', 1)[0] ?? '';
    const { data } = await app.graphql('{ viewer { email } }', {}, { cookie });
    expect(data.viewer).to.deep.equal({ email });

    const out = await mutate(app, 'signOut', null, { cookie }, 'signedOut');
    expect(out.payload.signedOut).to.equal(true);
    expect(out.headers.get('set-cookie')).to.match(/=;/);
    expect((await app.graphql('{ viewer { email } }', {}, { cookie })).data.viewer).to.equal(null);
  });

  it('signs out the session of a bearer token, whose tokens are refused from then on', async () => {
    const { accessToken: token } = await app.signInAs();
    const out = await mutate(app, 'signOut', null, { token }, 'signedOut');
    expect(out.payload.signedOut).to.equal(true);
    const after = await app.graphql('{ viewer { id } }', {}, { token });
    expect(after.status).to.equal(401);
    expect(after.errors[0]?.extensions.code).to.equal('UNAUTHENTICATED');
  });

  it('gives one text for a wrong password and for an unknown person', async () => {
    const { email } = await app.signUpAndConfirm();
    const wrong = await signIn({ identifier: email, password: 'not this one' });
    const unknown = await signIn({ identifier: 'nobody@example.com', password: 'not this one' });
    expect(wrong.data).to.deep.equal(unknown.data);
    expect(wrong.data?.signIn?.userErrors[0]?.code).to.equal('INVALID_CREDENTIALS');
    expect(wrong.data?.signIn?.result).to.equal(null);
  });

  it('answers AccountLocked with the time to wait after failures in a row', async () => {
    const { email, password } = await app.signUpAndConfirm();
    for (let failure = 0; failure < app.config.lockout.maxFailures; failure += 1) {
      await signIn({ identifier: email, password: 'not this one' });
    }
    const result = (await signIn({ identifier: email, password })).data?.signIn?.result;
    if (result?.__typename !== 'AccountLocked') throw new Error('not locked');
    expect(result.retryAfterSeconds).to.be.within(1, app.config.lockout.baseDelaySeconds);
    app.clock.advance(app.config.lockout.baseDelaySeconds + 1);
    expect((await signIn({ identifier: email, password })).data?.signIn?.result?.__typename).to.equal(
      'SignedIn',
    );
  });

  it('asks for a new password where one is due, and takes it with the next sign-in', async () => {
    const { id, email, password } = await app.signUpAndConfirm();
    await app.deps.models.users.updateOne({ _id: id }, { $set: { mustChangePassword: true } });
    const first = await signIn({ identifier: email, password });
    expect(first.data?.signIn?.result?.__typename).to.equal('PasswordChangeRequired');

    const weak = await signIn({ identifier: email, password, newPassword: 'password1' });
    expect(weak.data?.signIn?.userErrors[0]).to.deep.include({
      code: 'PASSWORD_TOO_WEAK',
      path: ['input', 'newPassword'],
    });
    const newPassword = 'granite Tulip 77 sails east';
    const second = await signIn({ identifier: email, password, newPassword });
    expect(second.data?.signIn?.result?.__typename).to.equal('SignedIn');
    expect(
      (await signIn({ identifier: email, password: newPassword })).data?.signIn?.result?.__typename,
    ).to.equal('SignedIn');
  });

  it('decides the rest of the request as whoever signed in, one alias after the other', async () => {
    const [one, two] = [await app.signUpAndConfirm(), await app.signUpAndConfirm()];
    const field = (alias: string, who: { email: string; password: string }) =>
      `${alias}: signIn(input: { identifier: "${who.email}", password: "${who.password}" }) {
        result { ... on SignedIn { user { email sessions { totalCount } } } }
      }`;
    const { data, errors } = await app.graphql(`mutation { ${field('a', one)} ${field('b', two)} }`);
    expect(errors).to.deep.equal([]);
    expect(data.a.result.user).to.deep.equal({ email: one.email, sessions: { totalCount: 1 } });
    expect(data.b.result.user).to.deep.equal({ email: two.email, sessions: { totalCount: 1 } });
  });

  it('refuses a bad bearer token with 401, also beside a good cookie', async () => {
    const { email, password } = await app.signUpAndConfirm();
    const answer = await signIn({ identifier: email, password, session: 'COOKIE' });
    const cookie = answer.headers.get('set-cookie')?.split(';', 1)[0];
    const refused = await app.graphql('{ viewer { id } }', {}, { cookie, token: 'not.a.token' });
    expect(refused.status).to.equal(401);
    expect(refused.body).to.deep.equal({
      errors: [{ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});
