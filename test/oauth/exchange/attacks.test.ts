import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { revokeConsent } from '../../../src/identity/consents.js';
import { revokeSession } from '../../../src/identity/sessions/sessions.js';
import { revokeFamily } from '../../../src/identity/tokens/families.js';
import { revokeTokens } from '../../../src/identity/tokens/revokeTokens.js';
import type { TestApp } from '../../support/app.js';
import { makeHolder, proofOf } from '../sender/parties.js';
import {
  ACCESS_TOKEN,
  auditEvent,
  BILLING_API,
  basicOf,
  delegate,
  EXCHANGE_GRANT,
  exchange,
  ID_TOKEN,
  LEGACY_API,
  LEGACY_SECRET,
  ORDERS_API,
  ownToken,
  signedInTo,
  startExchange,
} from './exchange.js';

const SPA_CALLBACK = 'https://spa.example/callback';

describe('attacks on token exchange', () => {
  let app: TestApp;
  before(async () => {
    app = await startExchange();
  });
  after(() => app.close());

  const errorOf = ({ status, body }: { status: number; body: { error?: string } }) => [status, body.error];

  it('gives no scope that the subject token does not have', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email');
    const wider = await delegate(app, 'orders', accessToken, { scope: 'email orders' });
    expect(errorOf(wider)).to.deep.equal([400, 'invalid_scope']);
    const { body } = await delegate(app, 'orders', accessToken);
    expect(body.scope).to.equal('email');
  });

  it('gives no scope that the client may not have, also when nothing is asked for', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email account');
    const wider = await delegate(app, 'orders', accessToken, { scope: 'account' });
    expect(errorOf(wider)).to.deep.equal([400, 'invalid_scope']);
    expect((await delegate(app, 'orders', accessToken)).body.scope).to.equal('email');
  });

  it('gives back no scope that was narrowed away', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    const narrow = await exchange(app, 'web', { subject_token: accessToken, scope: 'email' });
    const again = await exchange(app, 'web', {
      subject_token: narrow.body.access_token,
      scope: 'email orders',
    });
    expect(errorOf(again)).to.deep.equal([400, 'invalid_scope']);
  });

  it('turns no token of another API into one for the own API, nor one that was narrowed to it', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid orders account');
    const forOrders = await exchange(app, 'web', { subject_token: accessToken, resource: ORDERS_API });
    const token: string = forOrders.body.access_token;
    expect(decodeJwt(token).aud).to.equal(ORDERS_API);
    for (const name of ['resource', 'audience']) {
      const back = await exchange(app, 'web', { subject_token: token, [name]: app.config.issuer });
      expect(errorOf(back)).to.deep.equal([400, 'invalid_target']);
    }
    const same = await exchange(app, 'web', { subject_token: token });
    expect(decodeJwt(same.body.access_token).aud).to.equal(ORDERS_API);
  });

  it('refuses resources that are not known', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email');
    const evil = await delegate(app, 'orders', accessToken, { audience: 'https://evil.example' });
    expect(errorOf(evil)).to.deep.equal([400, 'invalid_target']);
  });

  it('refuses a subject token that was revoked, has expired, or whose session or user is gone', async () => {
    const actor = { kind: 'system' } as const;
    const origin = { requestId: 'test', address: '127.0.0.1', userAgent: '' };
    const spoilers: ((token: string, userId: string) => unknown)[] = [
      (token) => app.rest('/oauth/revoke', { form: { token }, basic: basicOf('web') }),
      (token) =>
        app.deps.models.sessions.updateOne(
          { _id: String(decodeJwt(token)['sid']) },
          { $set: { revokedAt: app.clock() } },
        ),
      (_token, userId) => revokeTokens(app.deps, { kind: 'user', id: userId } as never, actor, origin),
      (_token, userId) => app.deps.models.users.updateOne({ _id: userId }, { $set: { status: 'disabled' } }),
      () => app.clock.advance(901),
    ];
    for (const spoil of spoilers) {
      const { accessToken, person } = await signedInTo(app, 'web', 'openid email');
      expect((await delegate(app, 'orders', accessToken)).status).to.equal(200);
      await spoil(accessToken, person.id);
      expect(errorOf(await delegate(app, 'orders', accessToken))).to.deep.equal([400, 'invalid_request']);
    }
  });

  it('refuses tokens that are forged, foreign, of another kind, or about no user, with one text', async () => {
    const { accessToken, idToken } = await signedInTo(app, 'web', 'openid email');
    const [head, body, signature] = accessToken.split('.');
    const texts = new Set<string>();
    const ours = (claims: object, typ: string) =>
      app.deps.keys.sign({ ...decodeJwt(accessToken), ...claims }, { typ });
    const attempts: [string, string][] = [
      ['garbage', ACCESS_TOKEN],
      [`${head}.${body}.${signature?.split('').reverse().join('')}`, ACCESS_TOKEN],
      [await ours({ iss: 'https://evil.example' }, 'at+jwt'), ACCESS_TOKEN],
      [accessToken, ID_TOKEN],
      [idToken, ACCESS_TOKEN],
      [accessToken, 'urn:ietf:params:oauth:token-type:saml2'],
      [await ownToken(app, 'web'), ACCESS_TOKEN],
      // A document of the type of an ID token that is none.
      [await ours({ aud: 'orders', at_hash: undefined }, 'JWT'), ID_TOKEN],
    ];
    for (const [token, type] of attempts) {
      const answer = await delegate(app, 'orders', token, { subject_token_type: type });
      expect(errorOf(answer)).to.deep.equal([400, 'invalid_request']);
      texts.add(answer.body.error_description);
    }
    expect(texts).to.have.property('size', 1);
  });

  it("refuses another client's ID token", async () => {
    const { idToken } = await signedInTo(app, 'web', 'openid email');
    const stolen = await exchange(app, 'orders', { subject_token: idToken, subject_token_type: ID_TOKEN });
    expect(errorOf(stolen)).to.deep.equal([400, 'invalid_request']);
  });

  it('refuses an actor token of another client: nobody acts in the name of others', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email');
    const lent = await exchange(app, 'mute', {
      subject_token: accessToken,
      actor_token: await ownToken(app, 'orders'),
      actor_token_type: ACCESS_TOKEN,
    });
    expect(errorOf(lent)).to.deep.equal([400, 'invalid_request']);
  });

  it('refuses an actor that is acted for itself', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    const delegated = await delegate(app, 'orders', accessToken);
    const chained = await exchange(app, 'orders', {
      subject_token: accessToken,
      actor_token: delegated.body.access_token,
      actor_token_type: ACCESS_TOKEN,
    });
    expect(errorOf(chained)).to.deep.equal([400, 'invalid_request']);
  });

  it('drops no actor on the way, and ends a chain after four', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    let token = accessToken;
    for (const [index, clientId] of ['orders', 'billing', 'orders', 'billing'].entries()) {
      const { body } = await delegate(app, clientId, token);
      token = body.access_token;
      let depth = 0;
      for (let act = decodeJwt(token)['act'] as { act?: object } | undefined; act; act = act.act) depth += 1;
      expect(depth).to.equal(index + 1);
    }
    expect(errorOf(await delegate(app, 'orders', token))).to.deep.equal([400, 'invalid_request']);
  });

  describe('ends the token with', () => {
    const actor = { kind: 'system' } as const;
    const origin = { requestId: 'test', address: '127.0.0.1', userAgent: '' };
    const revokeOwn = (token: string, clientId: string) =>
      app.rest('/oauth/revoke', { form: { token }, basic: basicOf(clientId) });
    interface Made {
      readonly subject: string;
      readonly acting: string;
      readonly userId: string;
    }
    const spoilers: Record<string, (made: Made) => unknown> = {
      'its subject token': ({ subject }) => revokeOwn(subject, 'web'),
      'its actor token': ({ acting }) => revokeOwn(acting, 'orders'),
      'the consent that the subject token rests on': ({ userId }) =>
        revokeConsent(app.deps, { userId, clientId: 'web' }, actor, origin),
      'the session': ({ subject }) =>
        revokeSession(app.deps, String(decodeJwt(subject)['sid']), 'over', actor, origin),
      'all tokens of the user': ({ userId }) =>
        revokeTokens(app.deps, { kind: 'user', id: userId }, actor, origin),
      'all tokens of the client of the subject token': () =>
        revokeTokens(app.deps, { kind: 'client', id: 'web' }, actor, origin),
      'the grant of the subject token': ({ subject }) =>
        revokeFamily(
          app.deps,
          { _id: 'none', sessionId: String(decodeJwt(subject)['sid']), clientId: 'web' },
          'over',
        ),
    };
    for (const [what, spoil] of Object.entries(spoilers)) {
      it(`${what}, and every token that was exchanged from it`, async () => {
        const { accessToken, person } = await signedInTo(app, 'web', 'openid email orders');
        const acting = await ownToken(app, 'orders');
        const first = await delegate(app, 'orders', accessToken, { actor_token: acting, scope: 'email' });
        const second = await delegate(app, 'billing', first.body.access_token, { scope: 'email' });
        const isActive = async (token: string) =>
          (await app.rest('/oauth/introspect', { form: { token }, basic: basicOf('orders') })).body.active;
        const made: string[] = [first.body.access_token, second.body.access_token];
        expect(await Promise.all(made.map(isActive))).to.deep.equal([true, true]);
        await spoil({ subject: accessToken, acting, userId: person.id });
        expect(await Promise.all(made.map(isActive))).to.deep.equal([false, false]);
        app.clock.advance(1);
      });
    }

    it('no revocation from before it was made: who consents again is acted for again', async () => {
      const { accessToken, person } = await signedInTo(app, 'web', 'openid email orders');
      await revokeConsent(app.deps, { userId: person.id, clientId: 'web' }, actor, origin);
      expect(errorOf(await delegate(app, 'orders', accessToken))).to.deep.equal([400, 'invalid_request']);
      app.clock.advance(1);
      const again = await signedInTo(app, 'web', 'openid email orders', { person });
      const { body } = await delegate(app, 'orders', again.accessToken, { scope: 'email' });
      expect((await app.graphql('{ viewer { id } }', {}, { token: body.access_token })).status).to.equal(200);
    });

    it('nothing where it names no more of what it was made from: after twelve it is exchanged no more', async () => {
      let { accessToken } = await signedInTo(app, 'web', 'openid email');
      for (let count = 0; count < 12; count += 1) {
        const { status, body } = await exchange(app, 'web', { subject_token: accessToken });
        expect(status).to.equal(200);
        accessToken = body.access_token;
      }
      const { exchanged_from: sources } = decodeJwt(accessToken);
      expect(sources).to.have.lengthOf(12);
      expect(errorOf(await exchange(app, 'web', { subject_token: accessToken }))).to.deep.equal([
        400,
        'invalid_request',
      ]);
    });
  });

  it('ends the token when its actor is disabled, and every one in the chain', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email orders');
    const first = await delegate(app, 'orders', accessToken, { scope: 'email' });
    const second = await delegate(app, 'billing', first.body.access_token, { scope: 'email' });
    const token: string = second.body.access_token;
    const asked = () => app.graphql('{ viewer { id } }', {}, { token });
    expect((await asked()).status).to.equal(200);
    await app.deps.models.clients.updateOne({ _id: 'orders' }, { $set: { status: 'disabled' } });
    expect((await asked()).status).to.equal(401);
    const active = await app.rest('/oauth/introspect', { form: { token }, basic: basicOf('billing') });
    expect(active.body).to.deep.equal({ active: false });
    expect(errorOf(await delegate(app, 'billing', token))).to.deep.equal([400, 'invalid_request']);
    await app.deps.models.clients.updateOne({ _id: 'orders' }, { $set: { status: 'active' } });
  });

  it('ends the token when the person who acts signs out, is locked, or has their tokens revoked', async () => {
    const actor = { kind: 'system' } as const;
    const origin = { requestId: 'test', address: '127.0.0.1', userAgent: '' };
    const spoilers: ((agentToken: string, agentId: string) => unknown)[] = [
      (token) => revokeSession(app.deps, String(decodeJwt(token)['sid']), 'signed out', actor, origin),
      (_token, agentId) =>
        app.deps.models.users.updateOne({ _id: agentId }, { $set: { status: 'disabled' } }),
      (_token, agentId) => app.deps.denylist.deny('user', agentId),
    ];
    const { accessToken } = await signedInTo(app, 'web', 'openid email');
    for (const spoil of spoilers) {
      const agent = await signedInTo(app, 'web', 'openid email');
      const { body } = await exchange(app, 'web', {
        subject_token: accessToken,
        actor_token: agent.accessToken,
        actor_token_type: ACCESS_TOKEN,
      });
      const token: string = body.access_token;
      expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(200);
      await spoil(agent.accessToken, agent.person.id);
      expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(401);
    }
    expect((await app.rest('/oauth/userinfo', { token: accessToken })).status).to.equal(200);
  });

  it('impersonates nobody without the right, and writes the attempt down', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email account');
    const refused = await exchange(app, 'mute', { subject_token: accessToken });
    expect(errorOf(refused)).to.deep.equal([400, 'unauthorized_client']);
    const event = await auditEvent(app, 'token.impersonate', person.id);
    expect(event).to.include({ outcome: 'denied', actorKind: 'client', actorId: 'mute' });
  });

  it('impersonates with the right `impersonate`, and writes it down before it answers', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email account');
    const { status, body } = await exchange(app, 'twin', { subject_token: accessToken });
    expect(status).to.equal(200);
    expect(decodeJwt(body.access_token)).to.include({ sub: person.id, client_id: 'twin' });
    expect(decodeJwt(body.access_token)).not.to.have.property('act');
    const event = await app.deps.models.auditEvents
      .findOne({ action: 'token.impersonate', objectId: person.id })
      .lean();
    expect(event).to.include({
      outcome: 'success',
      actorKind: 'client',
      actorId: 'twin',
      address: '127.0.0.1',
    });
  });

  it('impersonates nobody who holds more rights than the client', async () => {
    const admin = { id: '', email: app.admin.email, password: app.admin.password };
    const { accessToken } = await signedInTo(app, 'web', 'openid email account', { person: admin });
    const refused = await exchange(app, 'twin', { subject_token: accessToken });
    expect(errorOf(refused)).to.deep.equal([400, 'unauthorized_client']);
  });

  it('unbinds no token: one that is bound to a key is exchanged by who has the key (RFC 9449 §5)', async () => {
    const [holder, thief] = [await makeHolder(), await makeHolder()];
    const proofBy = async (who: typeof holder) => ({
      dpop: await proofOf(app, who, { htm: 'POST', path: '/oauth/token' }),
    });
    const { accessToken } = await signedInTo(app, 'web', 'openid email');
    const ask = (subjectToken: string, headers: Record<string, string>) =>
      app.rest('/oauth/token', {
        form: {
          grant_type: EXCHANGE_GRANT,
          subject_token: subjectToken,
          subject_token_type: ACCESS_TOKEN,
          scope: 'email',
        },
        basic: basicOf('web'),
        headers,
      });
    const bound = await ask(accessToken, await proofBy(holder));
    expect(bound.body.token_type).to.equal('DPoP');
    const token: string = bound.body.access_token;
    expect(decodeJwt(token)['cnf']).to.deep.equal({ jkt: holder.thumbprint });
    expect(errorOf(await ask(token, {}))).to.deep.equal([400, 'invalid_request']);
    expect(errorOf(await ask(token, await proofBy(thief)))).to.deep.equal([400, 'invalid_request']);
    expect((await ask(token, await proofBy(holder))).body.token_type).to.equal('DPoP');
  });

  it('takes no token that the API which shares a secret could have made itself', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email orders');
    const { body } = await exchange(app, 'web', { subject_token: accessToken, resource: LEGACY_API });
    expect(decodeProtectedHeader(body.access_token).alg).to.equal('HS256');
    const { sid } = decodeJwt(body.access_token);
    const now = Math.floor(app.clock().getTime() / 1000);
    const forged = await new SignJWT({
      sub: person.id,
      sid,
      client_id: 'orders',
      scope: 'email orders',
      jti: '01a1fcec-f567-733f-bd02-63ae6625bdd8',
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuer(app.config.issuer)
      .setAudience(LEGACY_API)
      .setIssuedAt(now)
      .setExpirationTime(now + 300)
      .sign(new TextEncoder().encode(LEGACY_SECRET));
    for (const token of [forged, body.access_token]) {
      const taken = await exchange(app, 'orders', { subject_token: token, resource: BILLING_API });
      expect(errorOf(taken)).to.deep.equal([400, 'invalid_request']);
      const acted = await exchange(app, 'orders', {
        subject_token: accessToken,
        actor_token: token,
        actor_token_type: ACCESS_TOKEN,
      });
      expect(errorOf(acted)).to.deep.equal([400, 'invalid_request']);
    }
  });

  it('makes no access token of the ID token of a public client: it was in addresses, and is bound to no key', async () => {
    const { idToken } = await signedInTo(app, 'spa', 'openid email', { redirectUri: SPA_CALLBACK });
    const answer = await app.rest('/oauth/token', {
      form: {
        grant_type: EXCHANGE_GRANT,
        client_id: 'spa',
        subject_token: idToken,
        subject_token_type: ID_TOKEN,
      },
    });
    expect(errorOf(answer)).to.deep.equal([400, 'unauthorized_client']);
  });

  it('shows a pairwise client the person and the actor by names of its own sector', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid email');
    const { body } = await delegate(app, 'shy', accessToken);
    const { sub } = decodeJwt(body.access_token);
    expect(sub).to.be.a('string').and.not.equal(person.id);
    const narrowed = await exchange(app, 'shy', { subject_token: body.access_token });
    expect(decodeJwt(narrowed.body.access_token).sub).to.equal(sub);
    expect(errorOf(await exchange(app, 'mute', { subject_token: body.access_token }))).to.deep.equal([
      400,
      'unauthorized_client',
    ]);
  });

  it('lets a public client narrow its own tokens and nothing else', async () => {
    const own = await signedInTo(app, 'spa', 'openid email account', { redirectUri: SPA_CALLBACK });
    const foreign = await signedInTo(app, 'web', 'openid email');
    const ask = (form: Record<string, string>) =>
      app.rest('/oauth/token', {
        form: { grant_type: EXCHANGE_GRANT, client_id: 'spa', subject_token_type: ACCESS_TOKEN, ...form },
      });
    const narrowed = await ask({ subject_token: own.accessToken, scope: 'email' });
    expect([narrowed.status, narrowed.body.scope]).to.deep.equal([200, 'email']);
    expect(errorOf(await ask({ subject_token: foreign.accessToken }))).to.deep.equal([
      400,
      'unauthorized_client',
    ]);
    const acting = await ask({
      subject_token: foreign.accessToken,
      actor_token: own.accessToken,
      actor_token_type: ACCESS_TOKEN,
    });
    expect(errorOf(acting)).to.deep.equal([400, 'unauthorized_client']);
  });

  it('refuses a client without the grant, and types that are not offered', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email');
    const plain = await exchange(app, 'plain', { subject_token: accessToken });
    expect(errorOf(plain)).to.deep.equal([400, 'unauthorized_client']);
    for (const type of ['refresh_token', 'id_token', 'saml2', 'jwt']) {
      const requested = { requested_token_type: `urn:ietf:params:oauth:token-type:${type}` };
      expect(errorOf(await delegate(app, 'orders', accessToken, requested))).to.deep.equal([
        400,
        'invalid_request',
      ]);
    }
  });

  it('refuses half a token: each comes with its type (RFC 8693 §2.1)', async () => {
    const { accessToken } = await signedInTo(app, 'web', 'openid email');
    const halves: Record<string, string>[] = [
      { subject_token: accessToken, subject_token_type: '' },
      { subject_token: '' },
      { subject_token: accessToken, actor_token: accessToken },
      { subject_token: accessToken, actor_token_type: ACCESS_TOKEN },
    ];
    for (const form of halves) {
      expect(errorOf(await exchange(app, 'web', form))).to.deep.equal([400, 'invalid_request']);
    }
  });
});
