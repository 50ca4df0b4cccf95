import { expect } from 'chai';
import { openEvents } from '../src/identity/audit/sealing.js';
import { verifyChain } from '../src/identity/audit/verifyChain.js';
import { authorize, CALLBACK, redeem, requestOf } from './oauth/authorize/flow.js';
import { push, pushedPath } from './oauth/authorize/push.js';
import { approve, DEVICE_GRANT, poll, startDevice } from './oauth/device/device.js';
import { ACCESS_TOKEN, basicOf, EXCHANGE_GRANT, ID_TOKEN, secretOf } from './oauth/exchange/exchange.js';
import { asserted, assertionOf, type Holder, makeHolder, proofOf } from './oauth/sender/parties.js';
import { createVisitor } from './pages/visitor.js';
import { enrolTotp, signInWithTotp } from './resolvers/authenticator.js';
import { GOOD_PASSWORD, startApp, type TestApp } from './support/app.js';
import { type ConfigInput } from './support/deps.js';
import { digestOf } from './support/digest.js';

/** Everything that must not stand in a log, with the place where it was seen. */
class Secrets {
  readonly #known = new Map<string, string>();

  add(where: string, value: unknown): void {
    if (typeof value !== 'string' || value === '') throw new Error(`no secret at ${where}`);
    this.#known.set(value, where);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Where a secret of the run, plain or in one of its usual disguises, stands in `text`. */
  foundIn(text: string): string[] {
    const disguises = (secret: string) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
    ];
    return [...this.#known].flatMap(([secret, where]) =>
      disguises(secret).some((form) => text.includes(form)) ? [where] : [],
    );
  }
}

const OTHER_PASSWORD = 'amber Lantern 77 hums softly';
const WRONG_PASSWORD = 'wrong Kettle 11 whistles';
const FIRST_PARTY = `mutation ($input: CreateClientInput!) {
  createClient(input: $input) { client { id clientId } secret userErrors { code message path } }
}`;

const SCOPES = ['openid', 'email', 'offline_access'];

/** An app with users, a device, a service, and one that proves itself by its own key. */
const clientsWith = ({ publicJwk }: Holder): ConfigInput => ({
  registration: { mode: 'open' },
  clients: [
    {
      clientId: 'web',
      secret: secretOf('web'),
      grantTypes: ['authorization_code', 'refresh_token', EXCHANGE_GRANT],
      redirectUris: [CALLBACK],
      scopes: SCOPES,
    },
    {
      clientId: 'tv',
      tokenEndpointAuthMethod: 'none',
      grantTypes: [DEVICE_GRANT, 'refresh_token'],
      scopes: SCOPES,
    },
    {
      clientId: 'keyed',
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [publicJwk] } as never,
      grantTypes: ['client_credentials'],
      scopes: ['email', 'account'],
    },
  ],
});

describe('the log of a full run', () => {
  let app: TestApp;
  let holder: Holder;
  const secrets = new Secrets();
  let email: string;

  before(async function () {
    this.timeout(60_000);
    holder = await makeHolder();
    app = await startApp(clientsWith(holder), { keepLog: true });
    await liveThroughEverything();
    await app.settled();
  });
  after(() => app.close());

  const ask = async (document: string, variables: Record<string, unknown> = {}, token?: string) =>
    app.graphql(document, variables, { token });

  async function liveThroughEverything(): Promise<void> {
    secrets.add('password', GOOD_PASSWORD);
    secrets.add('new password', OTHER_PASSWORD);
    secrets.add('wrong password', WRONG_PASSWORD);
    await account();
    await oauth();
    await browserFlow();
    await device();
    await ownKeys();
    await registration();
    await factors();
    await passwordReset();
    await nonsense();
  }

  async function account(): Promise<void> {
    ({ email } = await app.signUp());
    const letter = await app.lastLetterTo(email);
    secrets.add('confirmation token', letter.token);
    secrets.add('confirmation code', letter.code);
    await ask('mutation ($t: String!) { confirmEmail(input: { token: $t }) { confirmed } }', {
      t: 'made.up',
    });
    const confirmed = await ask(
      'mutation ($t: String!) { confirmEmail(input: { token: $t }) { confirmed } }',
      {
        t: letter.token,
      },
    );
    expect(confirmed.data).to.deep.equal({ confirmEmail: { confirmed: true } });

    await app.rest('/auth/login', { body: { identifier: email, password: WRONG_PASSWORD } });
    const withCookie = await app.rest('/auth/login', {
      body: { identifier: email, password: GOOD_PASSWORD, cookie: true },
    });
    const cookies = withCookie.headers.getSetCookie();
    expect(cookies).to.have.length.of.at.least(2);
    for (const cookie of cookies) secrets.add('cookie', /=([^;]+)/.exec(cookie)?.[1]);
    await app.rest('/auth/me', { cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') });

    const { data } = await ask(
      `mutation ($i: String!, $p: String!) { signIn(input: { identifier: $i, password: $p }) {
        result { ... on SignedIn { tokens { accessToken refreshToken idToken } } } } }`,
      { i: email, p: GOOD_PASSWORD },
    );
    const { tokens } = data.signIn.result;
    secrets.add('access token', tokens.accessToken);
    secrets.add('refresh token', tokens.refreshToken);
    const refreshed = await app.rest('/auth/refresh', { body: { refreshToken: tokens.refreshToken } });
    secrets.add('next refresh token', refreshed.body.refreshToken);
    const third = await app.rest('/auth/refresh', { body: { refreshToken: refreshed.body.refreshToken } });
    secrets.add('third refresh token', third.body.refreshToken);
    expect(
      (await app.rest('/auth/refresh', { body: { refreshToken: tokens.refreshToken } })).status,
    ).to.equal(401);

    const fresh = await app.signIn({ email, password: GOOD_PASSWORD });
    secrets.add('fresh access token', fresh.accessToken);
    secrets.add('fresh refresh token', fresh.refreshToken);
    await ask(
      'mutation { changePhone(input: { newPhone: "+14155550123" }) { accepted } }',
      {},
      fresh.accessToken,
    );
    secrets.add('SMS code', (await app.lastLetterTo('+14155550123')).code);
    await ask('{ viewer { id email lockReason } }', {}, fresh.accessToken);
    await app.rest('/auth/validate', { token: fresh.accessToken });
    await app.rest('/auth/logout', { method: 'POST', token: fresh.accessToken });
    expect((await app.rest('/auth/me', { token: fresh.accessToken })).status).to.equal(401);
  }

  async function oauth(): Promise<void> {
    const admin = await app.adminToken();
    secrets.add('admin token', admin);
    const created = await ask(
      FIRST_PARTY,
      {
        input: {
          name: 'logs',
          firstParty: true,
          grantTypes: ['PASSWORD', 'REFRESH_TOKEN', 'CLIENT_CREDENTIALS'],
          scopes: ['openid', 'profile', 'offline_access'],
        },
      },
      admin,
    );
    const { client, secret } = created.data.createClient;
    secrets.add('client secret', secret);
    const basic: [string, string] = [client.clientId, secret];
    const grant = (form: Record<string, string>, as = basic) => app.rest('/oauth/token', { form, basic: as });
    const mine = await grant({ grant_type: 'password', username: email, password: GOOD_PASSWORD });
    expect(mine.status, mine.text).to.equal(200);
    secrets.add('OAuth access token', mine.body.access_token);
    secrets.add('OAuth refresh token', mine.body.refresh_token);
    const next = await grant({ grant_type: 'refresh_token', refresh_token: mine.body.refresh_token });
    secrets.add('next OAuth refresh token', next.body.refresh_token);
    const own = await grant({ grant_type: 'client_credentials' });
    secrets.add('client token', own.body.access_token);
    await grant({ grant_type: 'password', username: email, password: WRONG_PASSWORD });
    await grant({ grant_type: 'client_credentials' }, [client.clientId, WRONG_PASSWORD]);
    await app.rest('/oauth/token', {
      form: { grant_type: 'client_credentials', client_id: client.clientId, client_secret: secret },
    });
    await app.rest('/oauth/introspect', { form: { token: next.body.access_token }, basic });
    await app.rest('/oauth/userinfo', { token: mine.body.access_token });
    await app.rest('/oauth/revoke', { form: { token: next.body.refresh_token }, basic });
    const rotated = await ask(
      'mutation ($id: ID!) { rotateClientSecret(input: { id: $id }) { secret } }',
      { id: client.id },
      admin,
    );
    secrets.add('rotated client secret', rotated.data.rotateClientSecret.secret);
  }

  const proof = async (htm: string, path: string, token?: string) => {
    const ath = token === undefined ? undefined : digestOf(token);
    const dpop = await proofOf(app, holder, { htm, path }, { ath });
    secrets.add('DPoP proof', dpop);
    return { dpop };
  };

  async function browserFlow(): Promise<void> {
    const person = await app.signUpAndConfirm();
    const visitor = createVisitor(app);
    const { path, verifier } = requestOf({ scope: 'openid email offline_access' });
    const parameters = Object.fromEntries(new URLSearchParams(path.split('?')[1]));
    const { body: pushed } = await push(app, parameters, basicOf('web'));
    secrets.add('request_uri', pushed.request_uri);
    const answer = await authorize(app, visitor, pushedPath(pushed.request_uri), person);
    const code = answer.get('code');
    secrets.add('authorization code', code);
    for (const cookie of visitor.cookies().split('; ')) secrets.add('cookie', cookie.split('=')[1]);
    expect((await redeem(app, code, `${verifier}x`, {}, basicOf('web'))).status).to.equal(400);
    const { body: tokens } = await redeem(app, code, verifier, {}, basicOf('web'));
    secrets.add('verifier', verifier);
    secrets.add('access token of a code', tokens.access_token);
    secrets.add('ID token', tokens.id_token);
    secrets.add('refresh token of a code', tokens.refresh_token);
    const form = { grant_type: EXCHANGE_GRANT, subject_token: tokens.id_token, subject_token_type: ID_TOKEN };
    const exchanged = await app.rest('/oauth/token', {
      form,
      basic: basicOf('web'),
      headers: await proof('POST', '/oauth/token'),
    });
    secrets.add('exchanged token', exchanged.body.access_token);
    const token: string = exchanged.body.access_token;
    const shown = { authorization: `DPoP ${token}`, ...(await proof('GET', '/oauth/userinfo', token)) };
    await app.rest('/oauth/userinfo', { headers: shown });
    expect((await app.rest('/oauth/userinfo', { headers: shown })).status).to.equal(401);
    const wrong = { ...form, subject_token: `${tokens.access_token}x`, subject_token_type: ACCESS_TOKEN };
    expect((await app.rest('/oauth/token', { form: wrong, basic: basicOf('web') })).status).to.equal(400);
    await redeem(app, code, verifier, {}, basicOf('web'));
    await visitor.open(`/oauth/authorize?client_id=web&id_token_hint=${tokens.id_token}&code=${code}`);
    await visitor.open(`/oauth/logout?id_token_hint=${tokens.id_token}x`);
    await visitor.open(`/oauth/logout?id_token_hint=${tokens.id_token}`);
  }

  async function device(): Promise<void> {
    const started = await startDevice(app);
    secrets.add('device code', started.device_code);
    secrets.add('user code', started.user_code);
    await poll(app, started.device_code);
    await poll(app, `${started.device_code}x`);
    await approve(app, started.user_code);
    const { body } = await poll(app, started.device_code);
    secrets.add('access token of a device', body.access_token);
    secrets.add('refresh token of a device', body.refresh_token);
    await poll(app, started.device_code);
  }

  async function ownKeys(): Promise<void> {
    const assertion = await assertionOf(app, 'keyed', holder);
    secrets.add('client assertion', assertion);
    const form = { grant_type: 'client_credentials', scope: 'account', ...asserted(assertion) };
    const { body } = await app.rest('/oauth/token', { form });
    secrets.add('token by an assertion', body.access_token);
    expect((await app.rest('/oauth/token', { form })).status).to.equal(401);
    await app.rest('/oauth/token', { form: { ...form, client_assertion: `${assertion}x` } });
  }

  async function registration(): Promise<void> {
    const metadata = { client_name: 'Logs', redirect_uris: [CALLBACK] };
    const { body } = await app.rest('/oauth/register', { body: metadata });
    secrets.add('secret of a registered client', body.client_secret);
    secrets.add('registration access token', body.registration_access_token);
    const path = new URL(body.registration_client_uri).pathname;
    await app.rest(path, { token: `${body.registration_access_token}x` });
    const replaced = await app.rest(path, {
      method: 'PUT',
      token: body.registration_access_token,
      body: { ...metadata, client_id: body.client_id, client_secret: body.client_secret },
    });
    secrets.add('next registration access token', replaced.body.registration_access_token);
    await app.rest('/oauth/register', { body: { ...metadata, redirect_uris: ['javascript:alert(1)'] } });
  }

  async function factors(): Promise<void> {
    const person = await app.signInAs();
    const phone = await enrolTotp(app, person.accessToken);
    secrets.add('TOTP seed', phone.seed);
    for (const code of phone.recoveryCodes ?? []) secrets.add('recovery code', code);
    secrets.add('strong token', await signInWithTotp(app, person, phone));
  }

  async function passwordReset(): Promise<void> {
    await ask('mutation ($i: String!) { requestPasswordReset(input: { identifier: $i }) { accepted } }', {
      i: email,
    });
    const { token } = await app.lastLetterTo(email);
    secrets.add('reset token', token);
    const reset =
      'mutation ($t: String!, $p: String!) { resetPassword(input: { token: $t, newPassword: $p }) { changed } }';
    expect((await ask(reset, { t: token, p: OTHER_PASSWORD })).data).to.deep.equal({
      resetPassword: { changed: true },
    });
    await ask(reset, { t: token, p: OTHER_PASSWORD });
  }

  /** What a clumsy or hostile caller sends, with secrets in every wrong place. */
  async function nonsense(): Promise<void> {
    const token = await app.adminToken();
    const broken = { method: 'POST', headers: { 'content-type': 'application/json' } };
    await fetch(`${app.url}/auth/login`, {
      ...broken,
      body: `{"identifier":"x","password":"${GOOD_PASSWORD}"`,
    });
    await fetch(`${app.url}/graphql`, {
      ...broken,
      body: `{"query":"{ viewer { password: \\"${GOOD_PASSWORD}`,
    });
    await ask(
      `mutation { signIn(input: { identifier: "x", password: "${GOOD_PASSWORD}", nope: 1 }) { nope } }`,
    );
    await ask(`{ viewer(token: "${token}") { id } }`);
    await app.rest(`/auth/me?access_token=${encodeURIComponent(token)}`);
    await app.rest(`/no/such/${encodeURIComponent(token)}?code=${encodeURIComponent(OTHER_PASSWORD)}`);
    await app.rest('/auth/me', { token: `${token}x` });
    await app.rest('/auth/me', { headers: { authorization: `Basic ${btoa(`a:${GOOD_PASSWORD}`)}` } });
    await app.rest('/auth/register', { body: { email: 'x', password: GOOD_PASSWORD } });
    await app.rest('/auth/register', { body: { email: 'y@example.com', password: [GOOD_PASSWORD] } });
    await app.rest(`/oauth/token?client_secret=${encodeURIComponent(WRONG_PASSWORD)}`, {
      form: [
        ['grant_type', 'password'],
        ['password', GOOD_PASSWORD],
        ['password', OTHER_PASSWORD],
      ],
    });
  }

  it('is JSON, line by line', () => {
    expect(app.logLines.length).to.be.greaterThan(30);
    for (const line of app.logLines) {
      expect(line.endsWith('\n')).to.equal(true);
      expect(JSON.parse(line)).to.include.all.keys('level', 'time', 'msg');
    }
  });

  it('holds no password, token, cookie, code or secret', () => {
    expect(secrets.size).to.be.greaterThan(50);
    for (const line of app.logLines) expect(secrets.foundIn(line), line).to.deep.equal([]);
  });

  it('would have shown a secret that was logged', () => {
    const leak = JSON.stringify({ msg: `password was ${encodeURIComponent(GOOD_PASSWORD)}` });
    expect(secrets.foundIn(leak)).to.deep.equal(['password']);
  });

  it('carries the correlation id of the request in each of its lines', async () => {
    const from = app.logLines.length;
    const sent = { 'x-request-id': 'trace-me-1' };
    await app.rest('/auth/login', { body: { identifier: email, password: WRONG_PASSWORD }, headers: sent });
    await app.graphql('{ viewer { nope } }', {}, { headers: sent });
    await app.settled();
    const lines = app.logLines.slice(from).map((line) => JSON.parse(line) as { requestId?: string });
    expect(lines.length).to.be.greaterThan(1);
    for (const line of lines) expect(line.requestId, JSON.stringify(line)).to.equal('trace-me-1');
  });

  it('never lets a caller’s correlation id break a line', async () => {
    const answer = await app.rest('/livez', { headers: { 'x-request-id': 'x"}{"level":"fatal' } });
    expect(answer.headers.get('x-request-id')).to.match(/^[\w.-]+$/);
  });

  it('leaves an audit trail whose chains verify', async () => {
    const { models } = app.deps;
    for (const chain of await models.auditEvents.distinct('chain')) {
      expect(await verifyChain(models, chain)).to.deep.include({ chain, fault: null });
    }
  });

  it('keeps the audit trail free of secrets as well', async () => {
    const events = await openEvents(app.deps, await app.deps.models.auditEvents.find().lean());
    expect(events.length).to.be.greaterThan(10);
    for (const event of events)
      expect(secrets.foundIn(JSON.stringify(event)), event.action).to.deep.equal([]);
  });
});
