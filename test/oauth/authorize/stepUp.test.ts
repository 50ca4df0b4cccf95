import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { createVisitor, formOf, headingOf } from '../../pages/visitor.js';
import { type Authenticator, enrolTotp } from '../../resolvers/authenticator.js';
import type { Person, TestApp, Tokens } from '../../support/app.js';
import type { Answer } from '../../support/http.js';
import { allowAll, answerOf, follow, redeem, requestOf, signedInVisitor, startFlows } from './flow.js';

describe('a level that an app asks for (RFC 9470, OpenID Connect Core §5.5.1.1)', () => {
  let app: TestApp;
  let person: Person & Tokens;
  before(async () => {
    app = await startFlows({ factors: { demands: [{ client: 'other', acr: 'aal2' }] } });
  });
  beforeEach(async () => {
    person = await app.signInAs();
  });
  after(() => app.close());

  async function withApp(): Promise<Authenticator> {
    const authenticator = await enrolTotp(app, person.accessToken);
    app.clock.advance(30);
    return authenticator;
  }

  type Visitor = ReturnType<typeof createVisitor>;
  /** Chooses the app and types its code. */
  async function showApp(visitor: Visitor, page: Answer<string>, authenticator: Authenticator) {
    expect(headingOf(page)).to.equal('One more step');
    const chosen = await visitor.send(page, { [`choice.use:${authenticator.factorId}`]: '1' });
    return follow(app, visitor, await visitor.send(chosen, { code: authenticator.code() }));
  }
  async function idTokenOf(visitor: Visitor, page: Answer<string>, verifier: string) {
    const last = headingOf(page).startsWith('Allow ')
      ? await follow(app, visitor, await visitor.send(page, allowAll(page)))
      : page;
    const { body } = await redeem(app, answerOf(last).get('code'), verifier);
    return decodeJwt(body.id_token);
  }

  it('raises the session that runs by one more factor, without the password', async () => {
    const { visitor } = await signedInVisitor(app, person);
    const authenticator = await withApp();
    const before = visitor.cookies();
    const { path, verifier } = requestOf({ acr_values: 'aal2' });
    const offer = await follow(app, visitor, await visitor.open(path));
    expect(offer.text).to.include('You are signed in as').and.include('This needs one more step');
    const asked = await visitor.send(offer, { 'choice.stepUp': '1' });
    const token = await idTokenOf(visitor, await showApp(visitor, asked, authenticator), verifier);
    expect(token).to.deep.include({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] });
    expect(token['auth_time']).to.be.closeTo(app.clock().getTime() / 1000, 5);
    expect(visitor.cookies()).to.not.equal(before);
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id, acr: 'aal2' })).to.equal(1);
  });

  it('asks for the password as well with prompt=login', async () => {
    const { visitor } = await signedInVisitor(app, person);
    const authenticator = await withApp();
    const { path, verifier } = requestOf({ acr_values: 'aal2', prompt: 'login' });
    const page = await follow(app, visitor, await visitor.open(path));
    expect(page.text).to.not.include('This needs one more step');
    const asked = await visitor.send(page, { identifier: person.email, password: person.password });
    const token = await idTokenOf(visitor, await showApp(visitor, asked, authenticator), verifier);
    expect(token).to.deep.include({ acr: 'aal2' });
  });

  it('reaches an essential acr, and refuses prompt=none before it is reached', async () => {
    const { visitor } = await signedInVisitor(app, person);
    const authenticator = await withApp();
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['phr', 'aal2'] } } });
    const silent = answerOf(await visitor.open(requestOf({ claims, prompt: 'none' }).path));
    expect(silent.get('error')).to.equal('login_required');
    const { path, verifier } = requestOf({ claims });
    const offer = await follow(app, visitor, await visitor.open(path));
    const asked = await visitor.send(offer, { 'choice.stepUp': '1' });
    const token = await idTokenOf(visitor, await showApp(visitor, asked, authenticator), verifier);
    expect(token).to.deep.include({ acr: 'aal2' });
  });

  it('goes on without a wish that no factor fulfils', async () => {
    const visitor = createVisitor(app);
    const { path, verifier } = requestOf({ acr_values: 'phr' });
    const page = await follow(app, visitor, await visitor.open(path));
    const sent = await visitor.send(page, { identifier: person.email, password: person.password });
    const token = await idTokenOf(visitor, await follow(app, visitor, sent), verifier);
    expect(token).to.deep.include({ acr: 'aal1', amr: ['pwd'] });
  });

  it('is demanded for an app whatever it asks for: a newcomer sets a factor up on the way', async () => {
    const { visitor } = await signedInVisitor(app, person);
    const { path } = requestOf({ client_id: 'other' });
    const page = await follow(app, visitor, await visitor.open(path));
    expect(headingOf(page)).to.equal('Sign in');
    const asked = await visitor.send(page, { identifier: person.email, password: person.password });
    expect(headingOf(asked)).to.equal('Set up a second step');
  });

  it('takes no step of one request for another, which asks for the password with prompt=login', async () => {
    const { visitor } = await signedInVisitor(app, person);
    const authenticator = await withApp();
    const offer = await follow(app, visitor, await visitor.open(requestOf({ acr_values: 'aal2' }).path));
    const asked = await visitor.send(offer, { 'choice.stepUp': '1' });
    const { path } = requestOf({ prompt: 'login' });
    const other = await follow(app, visitor, await visitor.open(path));
    const { request = '' } = formOf(other.text).hidden;
    const chosen = await visitor.send(asked, { request, [`choice.use:${authenticator.factorId}`]: '1' });
    expect(headingOf(chosen)).to.not.equal('One more step');
    const right = await visitor.send(asked, { request, code: authenticator.code() });
    expect(headingOf(await follow(app, visitor, right))).to.equal('Sign in');
  });

  it('takes a step-up from the browser in which it began alone', async () => {
    const { visitor } = await signedInVisitor(app, person);
    const authenticator = await withApp();
    const { path } = requestOf({ acr_values: 'aal2' });
    const offer = await follow(app, visitor, await visitor.open(path));
    const asked = await visitor.send(offer, { 'choice.stepUp': '1' });
    const transaction = /name="transaction" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const { factorId } = authenticator;
    const refused = await app.graphql(
      'mutation ($input: ContinueSignInInput!) { continueSignIn(input: $input) { result { __typename } } }',
      { input: { transaction, factorId } },
    );
    expect(refused.errors.map(({ extensions }) => extensions.code)).to.deep.equal(['UNAUTHENTICATED']);
  });
});
