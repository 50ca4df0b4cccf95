import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { createVisitor, headingOf } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import {
  allowAll,
  answerOf,
  authorize,
  follow,
  nextOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
  WEB_SECRET,
} from './flow.js';
import { push, WEB } from './push.js';

const ORDERS = 'https://orders.example/';
const ADMIN = 'https://admin.example/';
const PAYMENT = {
  type: 'payment_initiation',
  amount: '12.50',
  currency: 'EUR',
  creditor: '<b>Shop</b>',
  reasons: ['book', 'post'],
};

describe('what an authorization is for', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows({
      scopes: [{ name: 'orders:read', description: 'See your orders', rules: [] }],
      resources: [
        { identifier: ORDERS, scopes: ['orders:read'] },
        { identifier: ADMIN, scopes: ['users:write'] },
      ],
      authorizationDetailsTypes: [
        {
          type: 'payment_initiation',
          description: 'Pay once from your account',
          fields: [
            { name: 'amount', required: true, label: 'Amount' },
            { name: 'currency', required: true, values: ['EUR', 'CHF'] },
            { name: 'creditor', label: 'To' },
            { name: 'urgent', type: 'boolean', label: 'At once' },
            { name: 'reasons', type: 'strings', label: 'For' },
            { name: 'times', type: 'number' },
          ],
        },
        { type: 'tax_data', description: 'See your tax data' },
      ],
    });
    await app.deps.models.clients.updateOne(
      { _id: 'web' },
      { $set: { authorizationDetailsTypes: ['payment_initiation'] }, $push: { scopes: 'orders:read' } },
    );
  });
  after(() => app.close());

  const errorOf = async (over: Record<string, string>) =>
    answerOf(await createVisitor(app).open(requestOf(over).path)).get('error');

  describe('resource (RFC 8707)', () => {
    it('makes tokens for the resource alone, and shows the person where they count', async () => {
      const { visitor } = await signedInVisitor(app);
      const { path, verifier } = requestOf({ scope: 'openid orders:read', resource: ORDERS });
      const page = await follow(app, visitor, await visitor.open(path));
      expect(page.text).to.include(`For use at <code>${ORDERS}</code>.`).and.include('See your orders');
      const done = await follow(app, visitor, await visitor.send(page, allowAll(page)));
      const { body } = await redeem(app, answerOf(done).get('code'), verifier);
      expect([decodeJwt(body.access_token).aud].flat()).to.deep.equal([ORDERS]);
    });

    it('may come more than once, also when it is pushed, in a request object or by address (§2)', async () => {
      const twice = `${requestOf({ prompt: 'none', resource: ORDERS }).path}&resource=${encodeURIComponent(app.config.issuer)}`;
      // The own API stands alone; that both were read is what counts here.
      expect(answerOf(await createVisitor(app).open(twice)).get('error')).to.equal('invalid_target');
      const same = `${requestOf({ prompt: 'none', resource: ORDERS }).path}&resource=${encodeURIComponent(ORDERS)}`;
      expect(answerOf(await createVisitor(app).open(same)).get('error')).to.equal('login_required');
      const form = Object.entries(Object.fromEntries(new URL(same, app.url).searchParams));
      const { status } = await push(app, [...form, ['resource', ORDERS]] as [string, string][]);
      expect(status).to.equal(201);
    });

    it('is refused with invalid_target when it is unknown, or none that the client may use (§2)', async () => {
      for (const resource of [
        'https://unknown.example/',
        'https://orders.example',
        'https://ORDERS.example/',
        `${ORDERS}#fragment`,
        'orders',
        ADMIN,
      ]) {
        expect(await errorOf({ resource }), resource).to.equal('invalid_target');
      }
    });
  });

  describe('authorization_details (RFC 9396)', () => {
    const asking = (details: unknown, over: Record<string, string> = {}) => ({
      authorization_details: typeof details === 'string' ? details : JSON.stringify(details),
      scope: 'openid',
      ...over,
    });

    it('shows every entry in plain words, and gives tokens what was allowed', async () => {
      const { visitor } = await signedInVisitor(app);
      const second = { ...PAYMENT, amount: '99', urgent: true };
      const { path, verifier } = requestOf(asking([PAYMENT, second]));
      const page = await follow(app, visitor, await visitor.open(path));
      expect(page.text).to.include('Pay once from your account').and.include('<dt>Amount</dt><dd>12.50</dd>');
      expect(page.text).to.include('<dt>currency</dt><dd>EUR</dd>').and.include('<dd>book, post</dd>');
      expect(page.text).to.include('<dt>At once</dt><dd>yes</dd>');
      expect(page.text).to.include('&lt;b&gt;Shop&lt;/b&gt;').and.not.include('<b>Shop');
      const { 'choice.details.1': _refused, ...ticked } = allowAll(page);
      const done = await follow(app, visitor, await visitor.send(page, ticked));
      const { body } = await redeem(app, answerOf(done).get('code'), verifier);
      expect(body.authorization_details).to.deep.equal([PAYMENT]);
      expect(decodeJwt(body.access_token)['authorization_details']).to.deep.equal([PAYMENT]);
    });

    it('are kept for refreshes', async () => {
      const { visitor } = await signedInVisitor(app);
      const { path, verifier } = requestOf(asking([PAYMENT], { scope: 'openid offline_access' }));
      const { body } = await redeem(app, (await authorize(app, visitor, path)).get('code'), verifier);
      const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      const refreshed = await app.rest('/oauth/token', { form, basic: ['web', WEB_SECRET] });
      expect(decodeJwt(refreshed.body.access_token)['authorization_details']).to.deep.equal([PAYMENT]);
    });

    it('are left out of what their client gets once it may use their type no more (§10)', async () => {
      const { visitor } = await signedInVisitor(app);
      const mayUse = (types: string[]) =>
        app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { authorizationDetailsTypes: types } });
      const asked = requestOf(asking([PAYMENT], { scope: 'openid offline_access' }));
      const { body } = await redeem(
        app,
        (await authorize(app, visitor, asked.path)).get('code'),
        asked.verifier,
      );
      const later = requestOf(asking([PAYMENT], { prompt: 'consent' }));
      const code = (await authorize(app, visitor, later.path)).get('code');
      await mayUse([]);
      const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      const refreshed = await app.rest('/oauth/token', { form, basic: ['web', WEB_SECRET] });
      const redeemed = await redeem(app, code, later.verifier);
      await mayUse(['payment_initiation']);
      for (const answer of [refreshed, redeemed]) {
        expect(answer.status).to.equal(200);
        expect(answer.body).not.to.have.property('authorization_details');
        expect(decodeJwt(answer.body.access_token)).not.to.have.property('authorization_details');
      }
    });

    it('are asked for every time: each is for itself', async () => {
      const { visitor } = await signedInVisitor(app);
      await authorize(app, visitor, requestOf(asking([PAYMENT])).path);
      const again = await follow(app, visitor, await visitor.open(requestOf(asking([PAYMENT])).path));
      expect(headingOf(again)).to.equal('Allow Photo Book?');
      const silent = answerOf(await visitor.open(requestOf(asking([PAYMENT], { prompt: 'none' })).path));
      expect(silent.get('error')).to.equal('consent_required');
    });

    it('are refused when they are not what the type says (§5)', async () => {
      const { amount: _left, ...without } = PAYMENT;
      for (const details of [
        'x',
        '{}',
        '[]',
        '[1]',
        [[]],
        [{}],
        [{ type: 'unknown' }],
        [{ type: { $ne: null } }],
        [{ type: 'tax_data' }],
        [without],
        [{ ...PAYMENT, amount: 12.5 }],
        [{ ...PAYMENT, amount: { $gt: '' } }],
        [{ ...PAYMENT, currency: 'USD' }],
        [{ ...PAYMENT, reasons: ['a', 1] }],
        [{ ...PAYMENT, times: '3' }],
        [{ ...PAYMENT, extra: 'x' }],
        // It would show as 12.50 what is 05.21.
        [{ ...PAYMENT, amount: '\u202E05.21' }],
        [{ ...PAYMENT, reasons: ['book', 'a\u0007'] }],
        [PAYMENT, { type: 'unknown' }],
        Array.from({ length: 21 }, () => PAYMENT),
      ]) {
        const title = JSON.stringify(details);
        expect(await errorOf(asking(details)), title).to.equal('invalid_authorization_details');
        const pushedOne = await push(
          app,
          Object.fromEntries(new URL(requestOf(asking(details)).path, app.url).searchParams),
          WEB,
        );
        expect(pushedOne.body.error, title).to.equal('invalid_authorization_details');
      }
    });

    it('are refused to a client that has no types (§10)', async () => {
      const over = asking([PAYMENT], { client_id: 'other' });
      expect(await errorOf(over)).to.equal('invalid_authorization_details');
    });

    it('are found in discovery (§10)', async () => {
      const { body } = await app.rest('/.well-known/oauth-authorization-server');
      expect(body.authorization_details_types_supported).to.deep.equal(['payment_initiation', 'tax_data']);
    });

    it('leave nothing to allow when the only entry is refused and no scope is asked for', async () => {
      const { visitor } = await signedInVisitor(app);
      const { path } = requestOf(asking([PAYMENT], { scope: 'email' }));
      const page = await follow(app, visitor, await visitor.open(path));
      const done = await follow(app, visitor, await visitor.send(page, { 'choice.allow': '1' }));
      expect(nextOf(done)).to.include('error=access_denied');
    });
  });
});
