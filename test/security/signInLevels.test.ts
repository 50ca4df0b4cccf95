import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { reauthenticateSession } from '../../src/identity/sessions/reauthenticate.js';
import { authorize, CALLBACK, redeem, requestOf } from '../oauth/authorize/flow.js';
import { approve, DEVICE_GRANT, poll } from '../oauth/device/device.js';
import {
  ACCESS_TOKEN,
  basicOf,
  EXCHANGE_GRANT,
  ID_TOKEN,
  ownToken,
  secretOf,
} from '../oauth/exchange/exchange.js';
import { createVisitor } from '../pages/visitor.js';
import { type Authenticator, enrolTotp, signInWithTotp } from '../resolvers/authenticator.js';
import { type Person, startApp, type TestApp } from '../support/app.js';

const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { result { __typename } } }`;

describe('where every sign-in needs a second factor, a password alone opens nothing', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startApp({
      factors: { requiredAcr: 'aal2' },
      clients: [
        {
          clientId: 'house',
          secret: 'house-secret-0123456789-abcdefghi',
          firstParty: true,
          grantTypes: ['password'],
          scopes: ['openid'],
        },
      ],
    });
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  it('through GraphQL, whatever level the caller asks for', async () => {
    for (const acr of [undefined, 'aal1', 'aal2', 'phr', '', 'x', 'urn:aal1']) {
      const input = {
        identifier: person.email,
        password: person.password,
        ...(acr !== undefined && { acr }),
      };
      const { body } = await app.graphql(SIGN_IN, { input });
      expect(JSON.stringify(body), acr).to.not.contain('SignedIn');
    }
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id })).to.equal(0);
  });

  it('through REST and the password grant', async () => {
    const { email, password } = person;
    const login = await app.rest('/auth/login', { body: { identifier: email, password, acr: 'aal1' } });
    expect(login.status).to.be.within(400, 403);
    const form = { grant_type: 'password', username: email, password, acr_values: 'aal1' };
    const basic: [string, string] = ['house', 'house-secret-0123456789-abcdefghi'];
    expect((await app.rest('/oauth/token', { form, basic })).body.error).to.equal('invalid_grant');
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id })).to.equal(0);
  });
});

describe('where our own client demands a second factor, a password alone opens no session for its tokens', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startApp({ factors: { demands: [{ client: 'fieldgate', acr: 'aal2' }] } });
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  it('and asks for the factor, or for one to be set up', async () => {
    const { email: identifier, password } = person;
    const login = await app.rest('/auth/login', { body: { identifier, password } });
    expect([login.status, login.body.error.code]).to.deep.equal([401, 'STEP_UP_REQUIRED']);
    const signIn = async (session: string) =>
      (await app.graphql(SIGN_IN, { input: { identifier, password, session } })).data.signIn.result;
    expect(await signIn('TOKENS')).to.deep.equal({ __typename: 'EnrolmentRequired' });
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id })).to.equal(0);
    expect(await signIn('COOKIE')).to.deep.equal({ __typename: 'SignedIn' });
  });
});

describe('a role that demands a second factor', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({
      factors: { demands: [{ role: 'auditor', acr: 'aal2' }] },
      roles: [{ name: 'chief', inherits: ['auditor'], rules: [] }],
    });
  });
  after(() => app.close());

  for (const role of ['auditor', 'chief']) {
    it(`gives nothing in a weaker session that ran when it was granted (${role})`, async () => {
      const person = await app.signInAs();
      const phone = await enrolTotp(app, person.accessToken);
      const cookie = await cookieOf(person, phone);
      await app.deps.models.sessions.updateMany(
        { userId: person.id, cookieHash: { $ne: null } },
        { acr: 'aal1' },
      );
      const roleAssignments = ['user', role].map((name) => ({ role: name }));
      await app.deps.models.users.updateOne({ _id: person.id }, { $set: { roleAssignments } });

      const codes = async (credentials: { token?: string; cookie?: string }) => {
        const { errors } = await app.graphql(
          '{ auditEvents(first: 1) { nodes { id } } viewer { id } }',
          {},
          credentials,
        );
        return errors.map(({ extensions }) => extensions.code);
      };
      expect(await codes({ token: person.accessToken })).to.deep.equal(['FORBIDDEN']);
      expect(await codes({ cookie })).to.deep.equal(['FORBIDDEN']);
      expect((await app.rest('/audit/events/export', { token: person.accessToken })).status).to.equal(403);
      expect(await codes({ token: await signInWithTotp(app, person, phone) })).to.deep.equal([]);
    });
  }

  async function cookieOf(person: Person, phone: Authenticator): Promise<string> {
    const visitor = createVisitor(app);
    const typed = { identifier: person.email, password: person.password };
    const asked = await visitor.send(await visitor.open('/sign-in'), typed);
    const chosen = await visitor.send(asked, { [`choice.use:${phone.factorId}`]: '1' });
    app.clock.advance(30);
    await visitor.send(chosen, { code: phone.code() });
    return visitor.cookies();
  }
});

describe('a session that is raised', () => {
  let app: TestApp;
  let person: Person;
  const scopes = ['openid', 'email', 'offline_access', 'account'];
  before(async () => {
    app = await startApp({
      clients: [
        {
          clientId: 'web',
          secret: secretOf('web'),
          grantTypes: ['authorization_code', 'refresh_token', EXCHANGE_GRANT],
          redirectUris: [CALLBACK],
          scopes,
        },
      ],
    });
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  it('raises no token from before by a refresh or an exchange: each tells of its own sign-in', async () => {
    const { path, verifier } = requestOf({ scope: scopes.join(' '), prompt: 'consent' });
    const code = (await authorize(app, createVisitor(app), path, person)).get('code');
    const { body: weak } = await redeem(app, code, verifier, {}, basicOf('web'));
    expect(weak).to.include.all.keys('refresh_token', 'id_token');
    const before = decodeJwt(weak.access_token);
    app.clock.advance(700);
    const session = { _id: String(before['sid']), userId: person.id };
    const proof = { amr: ['pwd', 'hwk', 'mfa'], acr: 'phr', withCookie: false };
    await reauthenticateSession(app.deps, session, proof);

    const basic = basicOf('web');
    const shown = (subject_token: string, subject_token_type: string) => ({
      grant_type: EXCHANGE_GRANT,
      subject_token,
      subject_token_type,
    });
    const forms = [
      { grant_type: 'refresh_token', refresh_token: weak.refresh_token },
      shown(weak.access_token, ACCESS_TOKEN),
      shown(weak.id_token, ID_TOKEN),
    ];
    for (const form of forms) {
      const { body, text } = await app.rest('/oauth/token', { form, basic });
      expect(body, text).to.have.property('access_token');
      const { acr, amr, auth_time } = decodeJwt(body.access_token ?? '');
      expect({ acr, amr, auth_time }, form.grant_type).to.deep.equal({
        acr: 'aal1',
        amr: ['pwd'],
        auth_time: before['auth_time'],
      });
    }
  });
});

describe('where a client demands a second factor, a password alone gets none of its tokens', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    const scopes = ['openid', 'email'];
    app = await startApp({
      factors: {
        demands: ['tv', 'house', 'vault'].map((client) => ({ client, acr: 'aal2' as const })),
      },
      clients: [
        { clientId: 'tv', tokenEndpointAuthMethod: 'none', grantTypes: [DEVICE_GRANT], scopes },
        { clientId: 'house', secret: secretOf('house'), firstParty: true, grantTypes: ['password'], scopes },
        {
          clientId: 'web',
          secret: secretOf('web'),
          grantTypes: ['authorization_code'],
          redirectUris: [CALLBACK],
          scopes,
        },
        {
          clientId: 'vault',
          secret: secretOf('vault'),
          grantTypes: ['client_credentials', EXCHANGE_GRANT],
          scopes: [...scopes, 'account'],
        },
      ],
    });
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  it('through a device that is approved in a weak session', async () => {
    const form = { client_id: 'tv', scope: 'openid email' };
    const { body: started } = await app.rest('/oauth/device_authorization', { form });
    await approve(app, started.user_code, person);
    const { status, body } = await poll(app, started.device_code);
    expect(status).to.equal(400);
    expect(body).to.not.have.property('access_token');
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id, clientId: 'tv' })).to.equal(0);
  });

  it('through the password grant', async () => {
    const form = { grant_type: 'password', username: person.email, password: person.password };
    const { status, body } = await app.rest('/oauth/token', { form, basic: basicOf('house') });
    expect([status, body.error]).to.deep.equal([400, 'invalid_grant']);
  });

  it('through the exchange of a token from a weak session', async () => {
    const { path, verifier } = requestOf({ scope: 'openid email' });
    const code = (await authorize(app, createVisitor(app), path, person)).get('code');
    const { body: weak } = await redeem(app, code, verifier, {}, basicOf('web'));
    const { status, body } = await app.rest('/oauth/token', {
      form: {
        grant_type: EXCHANGE_GRANT,
        subject_token: weak.access_token,
        subject_token_type: ACCESS_TOKEN,
        actor_token: await ownToken(app, 'vault', 'account'),
        actor_token_type: ACCESS_TOKEN,
      },
      basic: basicOf('vault'),
    });
    expect(status).to.equal(400);
    expect(body).to.not.have.property('access_token');
  });
});
