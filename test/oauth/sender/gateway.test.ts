import { expect } from 'chai';
import type { TestApp } from '../../support/app.js';
import { digestOf } from '../../support/digest.js';
import { type Holder, MACHINE, makeHolder, proofOf, startParties } from './parties.js';

/** What a forward-auth gateway says of the request that it asks about. */
const ASKED = {
  'x-forwarded-method': 'PUT',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'api.example',
  'x-forwarded-uri': '/orders/7?verbose=1',
};

describe('a gateway that asks about a request with a DPoP proof', () => {
  let holder: Holder;
  before(async () => {
    holder = await makeHolder();
  });

  const tokenOf = async (app: TestApp) => {
    const dpop = await proofOf(app, holder, { htm: 'POST', path: '/oauth/token' });
    const form = { grant_type: 'client_credentials', scope: 'account' };
    const { body } = await app.rest('/oauth/token', { form, basic: MACHINE, headers: { dpop } });
    return body.access_token as string;
  };
  const validate = async (app: TestApp, over: { proof?: object; asked?: Record<string, string> } = {}) => {
    const token = await tokenOf(app);
    const dpop = await proofOf(
      app,
      holder,
      { htm: 'PUT', path: '' },
      { htu: 'https://api.example/orders/7', ath: digestOf(token), ...over.proof },
    );
    const headers = { authorization: `DPoP ${token}`, dpop, ...(over.asked ?? ASKED) };
    return (await app.rest('/auth/validate', { headers })).status;
  };

  it('gets its answer for the method and the address of that request, if it is trusted', async () => {
    const app = await startParties({ listen: { trustedProxies: ['127.0.0.1', '::1'] } });
    try {
      expect(await validate(app)).to.equal(200);
      expect(await validate(app, { proof: { htm: 'GET' } })).to.equal(401);
      expect(await validate(app, { proof: { htu: 'https://api.example/orders/8' } })).to.equal(401);
      expect(await validate(app, { proof: { htu: `${app.url}/auth/validate` } })).to.equal(401);
      expect(await validate(app, { asked: { ...ASKED, 'x-forwarded-host': 'evil.example' } })).to.equal(401);
      const { 'x-forwarded-method': _left, ...incomplete } = ASKED;
      expect(await validate(app, { asked: incomplete })).to.equal(401);
    } finally {
      await app.close();
    }
  });

  it('is not believed from any other address', async () => {
    const app = await startParties({ listen: { trustedProxies: ['10.0.0.1'] } });
    try {
      expect(await validate(app)).to.equal(401);
      expect(await validate(app, { proof: { htm: 'GET', htu: `${app.url}/auth/validate` } })).to.equal(200);
    } finally {
      await app.close();
    }
  });
});
