import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { createVisitor, headingOf } from '../../pages/visitor.js';
import { enrolTotp } from '../../resolvers/authenticator.js';
import type { TestApp } from '../../support/app.js';
import { allowAll, follow, signedInVisitor } from '../authorize/flow.js';
import { BOX_SECRET, DEVICE_GRANT, poll, reachDecision, startDevices } from './device.js';

describe('the device flow (RFC 8628)', () => {
  let app: TestApp;
  before(async () => {
    app = await startDevices({
      factors: { demands: [{ client: 'box', acr: 'aal2' }] },
      authorizationDetailsTypes: [
        {
          type: 'payment_initiation',
          description: 'Pay once from your account',
          fields: [{ name: 'amount', required: true, label: 'Amount' }],
        },
      ],
    });
    await app.deps.models.clients.updateOne(
      { _id: 'tv' },
      { $set: { authorizationDetailsTypes: ['payment_initiation'] } },
    );
  });
  after(() => app.close());

  const start = (form: Record<string, string>, basic?: [string, string]) =>
    app.rest('/oauth/device_authorization', { form, ...(basic && { basic }) });

  describe('with authorization_details (RFC 9396 §3)', () => {
    const pay = (amount: string) => ({ type: 'payment_initiation', amount });
    const asked = { client_id: 'tv', scope: 'openid', authorization_details: '' };

    it('shows each entry to the person, and gives what they allowed of it', async () => {
      const details = JSON.stringify([pay('12.50'), pay('99.00')]);
      const { body: started } = await start({ ...asked, authorization_details: details });
      const visitor = createVisitor(app);
      const page = await reachDecision(app, visitor, started.user_code, await app.signUpAndConfirm());
      expect(page.text).to.contain('Pay once from your account').and.contain('12.50').and.contain('99.00');
      const { 'choice.details.1': _refused, ...allowed } = allowAll(page);
      await visitor.send(page, allowed);
      const { status, body } = await poll(app, started.device_code);
      expect(status).to.equal(200);
      expect(body.authorization_details).to.deep.equal([pay('12.50')]);
      expect(decodeJwt(body.access_token)['authorization_details']).to.deep.equal([pay('12.50')]);
    });

    it('refuses what is malformed, or of a type that the client may not use (RFC 9396 §5)', async () => {
      const refused = ['{', '[]', '[{"type":"tax_data"}]', '[{"type":"payment_initiation"}]'];
      for (const details of refused) {
        const { status, body } = await start({ ...asked, authorization_details: details });
        expect([status, body.error], details).to.deep.equal([400, 'invalid_authorization_details']);
      }
      const { body } = await start({ scope: 'openid', authorization_details: JSON.stringify([pay('1')]) }, [
        'box',
        BOX_SECRET,
      ]);
      expect(body.error).to.equal('invalid_authorization_details');
    });
  });

  describe('for an app that demands a level', () => {
    it('leads on to a sign-in that reaches it, and back to the decision', async () => {
      const person = await app.signInAs();
      const { visitor } = await signedInVisitor(app, person);
      const authenticator = await enrolTotp(app, person.accessToken);
      app.clock.advance(30);
      const { body: started } = await start({ scope: 'openid' }, ['box', BOX_SECRET]);
      const offer = await reachDecision(app, visitor, started.user_code);
      expect(offer.text).to.contain('This needs one more step');
      const step = await visitor.send(offer, { 'choice.stepUp': '1' });
      const chosen = await visitor.send(step, { [`choice.use:${authenticator.factorId}`]: '1' });
      const page = await follow(app, visitor, await visitor.send(chosen, { code: authenticator.code() }));
      expect(headingOf(page)).to.equal('Connect Set-top Box?');
      await visitor.send(page, allowAll(page));
      const polled = await app.rest('/oauth/token', {
        form: { grant_type: DEVICE_GRANT, device_code: started.device_code },
        basic: ['box', BOX_SECRET],
      });
      expect(decodeJwt(polled.body.id_token)).to.include({ acr: 'aal2' });
    });

    it('asks for no more where another app is on the device', async () => {
      const { visitor } = await signedInVisitor(app);
      const { body: started } = await start({ client_id: 'tv', scope: 'openid' });
      expect(headingOf(await reachDecision(app, visitor, started.user_code))).to.equal(
        'Connect Living Room TV?',
      );
    });
  });

  it('takes a form by POST, each parameter once, and ignores others (RFC 8628 §3.1)', async () => {
    const path = '/oauth/device_authorization';
    const good = { client_id: 'tv', scope: 'openid', 'x-unknown': '1', resource: '' };
    expect((await app.rest(path, { form: good })).status).to.equal(200);
    const twice: [string, string][] = [...Object.entries(good), ['scope', 'openid']];
    for (const [options, expected] of [
      [{ form: twice }, '400 invalid_request'],
      [{ body: good }, '400 invalid_request'],
      [{ form: { scope: 'openid' } }, '401 invalid_client'],
      [{ form: { ...good, client_id: '' } }, '401 invalid_client'],
      [{ method: 'GET' }, '405 invalid_request'],
    ] as const) {
      const { status, body } = await app.rest(path, options);
      expect(`${status} ${body.error}`, JSON.stringify(options)).to.equal(expected);
    }
  });
});
