import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { createVisitor } from '../../pages/visitor.js';
import type { Person, TestApp } from '../../support/app.js';
import { authorize, CALLBACK, redeem, requestOf, startFlows, WEB_SECRET } from './flow.js';

const ORDERS = 'https://orders.example';
const VAULT = 'https://vault.example';
const STOCK = 'https://stock.example';

describe('a code for several resources (RFC 8707 §2.2)', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startFlows({
      scopes: ['orders:read', 'vault:read', 'stock:read'].map((name) => ({ name, rules: [] })),
      resources: [
        { identifier: ORDERS, scopes: ['orders:read'] },
        { identifier: VAULT, scopes: ['vault:read'], tokenFormat: 'opaque' },
        { identifier: STOCK, scopes: ['stock:read'] },
      ],
      clients: [
        {
          clientId: 'web',
          secret: WEB_SECRET,
          firstParty: true,
          grantTypes: ['authorization_code', 'refresh_token'],
          redirectUris: [CALLBACK],
          scopes: ['openid', 'email', 'offline_access', 'orders:read', 'vault:read', 'stock:read'],
        },
      ],
    });
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  const codeFor = async (...resources: string[]) => {
    const scope = 'openid email offline_access orders:read vault:read stock:read';
    const { path, verifier } = requestOf({ scope });
    const more = resources.map((one) => `&resource=${encodeURIComponent(one)}`).join('');
    const visitor = createVisitor(app);
    return { code: (await authorize(app, visitor, path + more, person)).get('code'), verifier };
  };
  const refresh = (refreshToken: string, over: Record<string, string> = {}) =>
    app.rest('/oauth/token', {
      form: { grant_type: 'refresh_token', refresh_token: refreshToken, ...over },
      basic: ['web', WEB_SECRET],
    });

  it('gives a token for the one that is named, and by refresh one for each other', async () => {
    const { code, verifier } = await codeFor(ORDERS, VAULT);
    const { body: first } = await redeem(app, code, verifier, { resource: ORDERS });
    expect(first.scope).to.equal('orders:read');
    expect(decodeJwt(first.access_token)).to.include({ aud: ORDERS, scope: 'orders:read' });
    expect(decodeJwt(first.id_token)).to.include({ aud: 'web', email: person.email });

    const { body: second } = await refresh(first.refresh_token, { resource: VAULT });
    expect(second).to.include({ scope: 'vault:read' });
    expect(second.access_token).to.match(/^[A-Za-z0-9_-]{43}$/);

    const { body: own } = await refresh(second.refresh_token, { resource: app.config.issuer });
    expect(own).to.include({ scope: 'openid email' });
    const userinfo = await app.rest('/oauth/userinfo', { token: own.access_token });
    expect(userinfo.body).to.include({ sub: person.id, email: person.email });
    // The identity is all that this token opens here.
    const query = '{ viewer { email phone sessions { nodes { id } } } }';
    const asked = await app.graphql(query, {}, { token: own.access_token });
    expect(asked.data?.viewer).to.deep.include({ email: person.email, phone: null, sessions: null });
    expect(asked.errors.map(({ extensions }) => extensions.code)).to.include('FORBIDDEN');
  });

  it('gives none for another, nor for two at once that want different tokens', async () => {
    const narrow = await codeFor(ORDERS);
    const other = await redeem(app, narrow.code, narrow.verifier, { resource: STOCK });
    expect([other.status, other.body.error]).to.deep.equal([400, 'invalid_target']);

    const wide = await codeFor(ORDERS, VAULT);
    const unnamed = await redeem(app, wide.code, wide.verifier);
    expect([unnamed.status, unnamed.body.error]).to.deep.equal([400, 'invalid_target']);
  });

  it('loses no code by a request for a wrong resource, and takes the corrected one for no replay', async () => {
    const { code, verifier } = await codeFor(ORDERS, VAULT);
    const attempts: Record<string, string>[] = [
      {},
      { resource: STOCK },
      { resource: 'https://unknown.example' },
    ];
    for (const wrong of attempts) {
      const refused = await redeem(app, code, verifier, wrong);
      expect([refused.status, refused.body.error]).to.deep.equal([400, 'invalid_target']);
    }
    const { status, body } = await redeem(app, code, verifier, { resource: ORDERS });
    expect(status).to.equal(200);
    const asked = await app.rest('/oauth/introspect', {
      form: { token: body.access_token },
      basic: ['web', WEB_SECRET],
    });
    expect(asked.body.active).to.equal(true);
    // Whoever lacks the verifier is told nothing of what the code is for.
    const stolen = await codeFor(ORDERS);
    const guessed = await redeem(app, stolen.code, verifier, { resource: STOCK });
    expect(guessed.body.error).to.equal('invalid_grant');
  });

  it('gives one token for those that want the same, with the scopes of both', async () => {
    const { code, verifier } = await codeFor(ORDERS, STOCK);
    const { body } = await redeem(app, code, verifier);
    expect(decodeJwt(body.access_token).aud).to.deep.equal([ORDERS, STOCK]);
    expect(body.scope).to.equal('orders:read stock:read');
    expect((await app.rest('/auth/me', { token: body.access_token })).status).to.equal(401);
    // Narrowed once, wide again: the grant stays what it was.
    const { body: narrow } = await refresh(body.refresh_token, { resource: STOCK });
    expect(narrow.scope).to.equal('stock:read');
    const { body: wide } = await refresh(narrow.refresh_token);
    expect(wide.scope).to.equal('orders:read stock:read');
  });
});
