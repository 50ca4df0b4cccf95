import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { revokeSession } from '../../../src/identity/sessions/sessions.js';
import { mutate } from '../../resolvers/mutate.js';
import type { TestApp } from '../../support/app.js';
import { discover, insecure } from '../clients/discover.js';
import {
  ACCESS_TOKEN,
  auditEvent,
  BILLING_API,
  basicOf,
  delegate,
  EXCHANGE_GRANT,
  exchange,
  ID_TOKEN,
  ORDERS_API,
  ownToken,
  secretOf,
  signedInTo,
  startExchange,
} from './exchange.js';

describe('token exchange (RFC 8693)', () => {
  let app: TestApp;
  before(async () => {
    app = await startExchange();
  });
  after(() => app.close());

  it('gives a service a token of the person that names the service as actor (RFC 8693 §4.1)', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email orders');
    const { status, body, headers } = await delegate(app, 'orders', accessToken);
    expect(status).to.equal(200);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(body).to.include({ issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', scope: 'email orders' });
    expect(body).not.to.have.any.keys('refresh_token', 'id_token');
    const [before, after] = [decodeJwt(accessToken), decodeJwt(body.access_token)];
    expect(after).to.deep.include({
      sub: person.id,
      client_id: 'orders',
      sid: before['sid'],
      act: { sub: 'orders', client_id: 'orders' },
    });
  });

  it('nests the actors, the newest outermost (RFC 8693 §4.1), and introspection shows them', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    const first = await delegate(app, 'orders', accessToken);
    const second = await delegate(app, 'billing', first.body.access_token);
    const act = {
      sub: 'billing',
      client_id: 'billing',
      act: { sub: 'orders', client_id: 'orders' },
    };
    expect(decodeJwt(second.body.access_token)['act']).to.deep.equal(act);
    const { body } = await app.rest('/oauth/introspect', {
      form: { token: second.body.access_token },
      basic: basicOf('orders'),
    });
    expect(body).to.deep.include({ active: true, client_id: 'billing', act });
  });

  it('names a person as actor who has signed in to the client', async () => {
    const agent = await signedInTo(app, 'web', 'openid email');
    const subject = await signedInTo(app, 'web', 'openid email account');
    const { status, body } = await exchange(app, 'web', {
      subject_token: subject.accessToken,
      actor_token: agent.accessToken,
      actor_token_type: ACCESS_TOKEN,
    });
    expect(status).to.equal(200);
    expect(decodeJwt(body.access_token)).to.deep.include({
      sub: subject.person.id,
      act: { sub: agent.person.id, client_id: 'web', sid: decodeJwt(agent.accessToken)['sid'] },
    });
  });

  it('narrows a token of its own, without an actor, and keeps whoever acts already', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email account orders');
    const { status, body } = await exchange(app, 'web', { subject_token: accessToken, scope: 'email' });
    expect([status, body.scope]).to.deep.equal([200, 'email']);
    expect(decodeJwt(body.access_token)).not.to.have.property('act');
    const delegated = await delegate(app, 'orders', accessToken);
    const narrowed = await exchange(app, 'orders', {
      subject_token: delegated.body.access_token,
      scope: 'orders',
    });
    expect(decodeJwt(narrowed.body.access_token)['act']).to.deep.equal({
      sub: 'orders',
      client_id: 'orders',
    });
  });

  it('takes an ID token of its own client, for what the person consented to', async () => {
    const { idToken, person } = await signedInTo(app, 'web', 'openid email');
    const { status, body } = await exchange(app, 'web', {
      subject_token: idToken,
      subject_token_type: ID_TOKEN,
    });
    expect(status).to.equal(200);
    expect(body.scope.split(' ')).to.have.members(['openid', 'email']);
    expect(decodeJwt(body.access_token).sub).to.equal(person.id);
    const wider = await exchange(app, 'web', {
      subject_token: idToken,
      subject_token_type: ID_TOKEN,
      scope: 'account',
    });
    expect(wider.body.error).to.equal('invalid_scope');
  });

  it('leaves out the claims that the person refused, from an access token and from an ID token', async () => {
    const first = await signedInTo(app, 'web', 'openid email');
    await app.deps.models.consents.updateOne(
      { userId: first.person.id, clientId: 'web' },
      { $set: { refusedClaims: ['email_verified'] } },
    );
    const { accessToken, idToken } = await signedInTo(app, 'web', 'openid email', { person: first.person });
    for (const [token, type] of [
      [accessToken, ACCESS_TOKEN],
      [idToken, ID_TOKEN],
    ] as const) {
      const { body } = await exchange(app, 'web', { subject_token: token, subject_token_type: type });
      const info = await app.rest('/oauth/userinfo', { token: body.access_token });
      expect(info.body).to.include({ email: first.person.email }).and.not.have.property('email_verified');
    }
  });

  it('makes the token for the API that is named, with the scopes that it knows and for as long as it says', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    for (const name of ['resource', 'audience']) {
      const { body } = await delegate(app, 'orders', accessToken, { [name]: ORDERS_API });
      expect(decodeJwt(body.access_token).aud).to.equal(ORDERS_API);
      expect(body).to.include({ scope: 'orders', expires_in: 300 });
    }
  });

  it('never lives longer than the subject token, nor than the actor token', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    const actorToken = await ownToken(app, 'orders');
    app.clock.advance(600);
    const ends = decodeJwt(accessToken).exp;
    const late = await delegate(app, 'orders', accessToken);
    expect(late.body.expires_in).to.be.within(290, 300);
    expect(decodeJwt(late.body.access_token).exp).to.be.at.most(ends ?? 0);
    const young = await signedInTo(app, 'web', 'openid email orders');
    const { body } = await exchange(app, 'orders', {
      subject_token: young.accessToken,
      actor_token: actorToken,
      actor_token_type: ACCESS_TOKEN,
    });
    expect(body.expires_in).to.be.within(290, 300);
  });

  it('ends with the session of the person', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email account users:read');
    const { body } = await delegate(app, 'orders', accessToken);
    const token: string = body.access_token;
    const query = '{ viewer { id email } }';
    expect((await app.graphql(query, {}, { token })).status).to.equal(200);
    const origin = { requestId: 'test', address: '127.0.0.1', userAgent: '' };
    const sid = String(decodeJwt(accessToken)['sid']);
    await revokeSession(app.deps, sid, 'revoked', { kind: 'user', id: person.id }, origin);
    expect((await app.graphql(query, {}, { token })).status).to.equal(401);
    const active = await app.rest('/oauth/introspect', { form: { token }, basic: basicOf('orders') });
    expect(active.body).to.deep.equal({ active: false });
  });

  it('lets the actor do at our API what the person may, the scopes let through and the actor may itself', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email users:read');
    const query = '{ viewer { id email name } }';
    const asked = async (token: string) =>
      app.graphql(query, {}, { token, headers: { 'x-fieldgate-explain': '1' } });
    const direct = await asked(accessToken);
    expect(direct.errors, JSON.stringify(direct.errors)).to.deep.equal([]);
    const { body } = await delegate(app, 'orders', accessToken);
    const acted = await asked(body.access_token);
    expect(acted.data).to.deep.include({
      viewer: { id: direct.data.viewer.id, email: person.email, name: null },
    });
    expect(acted.errors.map(({ path, extensions }) => [path, extensions.code])).to.deep.equal([
      [['viewer', 'name'], 'FORBIDDEN'],
    ]);
    expect(acted.errors[0]?.extensions['remedy']).to.equal(
      'whoever acts needs a role that may read User.name',
    );
    expect((await app.rest('/auth/me', { token: body.access_token })).body).to.have.all.keys(
      'id',
      'email',
      'emailVerified',
    );
  });

  it('writes down who acts for whom', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email orders');
    await delegate(app, 'orders', accessToken);
    const event = await auditEvent(app, 'token.delegate', person.id);
    expect(event).to.include({
      actorKind: 'client',
      actorId: 'orders',
      clientId: 'orders',
      objectType: 'User',
    });
  });

  describe('in the audit trail', () => {
    const renamed = async (token: string) => {
      const nickname = `n${randomBytes(4).toString('hex')}`;
      const { userErrors, errors } = await mutate(app, 'updateProfile', { nickname }, { token });
      expect([errors, userErrors]).to.deep.equal([[], []]);
    };

    it('names whoever acts in every event of a request with the token, the newest first', async () => {
      const { accessToken, person } = await signedInTo(app, 'web', 'openid email account orders');
      await renamed(accessToken);
      expect(await auditEvent(app, 'user.updateProfile', person.id)).not.to.have.property('actedBy');
      const acted = await delegate(app, 'desk', accessToken);
      await renamed(acted.body.access_token);
      const event = await auditEvent(app, 'user.updateProfile', person.id);
      expect(event).to.deep.include({ actorId: person.id, clientId: 'desk', actedBy: ['client:desk'] });
      const { token } = { token: acted.body.access_token };
      expect((await app.rest('/auth/logout', { method: 'POST', token })).status).to.equal(204);
      const sid = String(decodeJwt(token)['sid']);
      expect(await auditEvent(app, 'session.revoke', sid)).to.deep.include({ actedBy: ['client:desk'] });
    });

    it('names whoever will act where the token was issued, by ids of our own', async () => {
      const agent = await signedInTo(app, 'web', 'openid email');
      const subject = await signedInTo(app, 'web', 'openid email account orders');
      const first = await delegate(app, 'orders', subject.accessToken);
      await exchange(app, 'web', {
        subject_token: first.body.access_token,
        actor_token: agent.accessToken,
        actor_token_type: ACCESS_TOKEN,
      });
      const sid = String(decodeJwt(subject.accessToken)['sid']);
      const actedBy = [`user:${agent.person.id}`, 'client:orders'];
      expect(await auditEvent(app, 'token.issue', sid, { actedBy })).not.to.equal(null);
    });

    it('is read and filtered by who acted, over GraphQL and in an export', async () => {
      const { accessToken, person } = await signedInTo(app, 'web', 'openid email account');
      const acted = await delegate(app, 'desk', accessToken);
      await renamed(acted.body.access_token);
      const token = await app.adminToken();
      const { data, errors } = await app.graphql(
        `query ($id: String!) {
           auditEvents(first: 5, filter: { objectId: { equals: $id }, actedBy: { has: "client:desk" } }) {
             nodes { action actorId actedBy }
           }
         }`,
        { id: person.id },
        { token },
      );
      expect(errors).to.deep.equal([]);
      expect(data.auditEvents.nodes).to.deep.include({
        action: 'user.updateProfile',
        actorId: person.id,
        actedBy: ['client:desk'],
      });
      const query = `actedBy=client:desk&objectId=${person.id}`;
      const { text } = await app.rest(`/audit/events/export?${query}`, { token });
      expect(JSON.parse(text)).to.deep.include({ actedBy: ['client:desk'] });
      const csv = await app.rest(`/audit/events/export?format=csv&${query}`, { token });
      const [head = '', row = ''] = csv.text.split('\r\n');
      expect(row.split(',')[head.split(',').indexOf('actedBy')]).to.equal('client:desk');
    });
  });

  it('works with oauth4webapi', async () => {
    const server = await discover(app);
    expect(server.grant_types_supported).to.include(EXCHANGE_GRANT);
    const orders: oauth.Client = { client_id: 'orders' };
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email orders');
    const response = await oauth.genericTokenEndpointRequest(
      server,
      orders,
      oauth.ClientSecretBasic(secretOf('orders')),
      EXCHANGE_GRANT,
      new URLSearchParams({
        subject_token: accessToken,
        subject_token_type: ACCESS_TOKEN,
        actor_token: await ownToken(app, 'orders'),
        actor_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
        resource: ORDERS_API,
      }),
      insecure,
    );
    const tokens = await oauth.processGenericTokenEndpointResponse(server, orders, response);
    expect(tokens['issued_token_type']).to.equal(ACCESS_TOKEN);
    const claims = await oauth.validateJwtAccessToken(
      server,
      new Request(ORDERS_API, { headers: { authorization: `Bearer ${tokens.access_token}` } }),
      ORDERS_API,
      insecure,
    );
    expect(claims).to.deep.include({ sub: person.id, act: { sub: 'orders', client_id: 'orders' } });
  });

  it('reaches another API on the way down a chain only with scopes that are left', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    const both = await delegate(app, 'orders', accessToken, { resource: ORDERS_API });
    const none = await delegate(app, 'billing', both.body.access_token, { resource: BILLING_API });
    expect([none.status, none.body.error]).to.deep.equal([400, 'invalid_scope']);
    const mail = await delegate(app, 'orders', accessToken, { resource: BILLING_API });
    const next = await delegate(app, 'billing', mail.body.access_token);
    expect(next.body.scope).to.equal('email');
    expect(decodeJwt(next.body.access_token).aud).to.equal(BILLING_API);
  });
});
