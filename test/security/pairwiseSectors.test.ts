import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { authorize, redeem, requestOf } from '../oauth/authorize/flow.js';
import { approve, DEVICE_GRANT, poll } from '../oauth/device/device.js';
import { createVisitor } from '../pages/visitor.js';
import { type Person, startApp, type TestApp } from '../support/app.js';
import { type Outside, startOutside } from '../support/outside.js';

const CALLBACK = 'https://clinic.example/callback';
const SECRET = 'clinic-secret-0123456789-abcdefghijk';

describe('the names that a pairwise client knows people by', () => {
  let app: TestApp;
  let outside: Outside;
  let person: Person;
  let known: string | undefined;

  before(async () => {
    outside = await startOutside();
    app = await startApp({
      ...outside.config,
      registration: { mode: 'open' },
      clients: [
        {
          clientId: 'clinic',
          secret: SECRET,
          grantTypes: ['authorization_code'],
          redirectUris: [CALLBACK],
          subjectType: 'pairwise',
          scopes: ['openid'],
        },
      ],
    });
    person = await app.signUpAndConfirm();
    const { path, verifier } = requestOf({ client_id: 'clinic', redirect_uri: CALLBACK, scope: 'openid' });
    const code = (await authorize(app, createVisitor(app), path, person)).get('code');
    const { body } = await redeem(app, code, verifier, { redirect_uri: CALLBACK }, ['clinic', SECRET]);
    known = decodeJwt(body.id_token).sub;
  });
  after(async () => {
    await app.close();
    await outside.close();
  });

  const register = async (metadata: object) => {
    const body = { subject_type: 'pairwise', token_endpoint_auth_method: 'none', ...metadata };
    return app.rest('/oauth/register', { body });
  };

  it('are not learnt by a stranger’s device that registers an address there', async () => {
    const { body: stranger } = await register({ grant_types: [DEVICE_GRANT], redirect_uris: [CALLBACK] });
    const form = { client_id: stranger.client_id, scope: 'openid' };
    const { body: started } = await app.rest('/oauth/device_authorization', { form });
    await approve(app, started.user_code, person);
    const { body } = await poll(app, started.device_code, { client_id: stranger.client_id });
    const { sub } = decodeJwt(body.id_token);
    expect(sub).to.match(/^pw\./);
    expect(sub).to.not.equal(known);
  });

  it('are not learnt by naming the sector of others without one of their addresses', async () => {
    outside.answer((_one, response) => response.end(JSON.stringify([CALLBACK])));
    const sector = { sector_identifier_uri: `${outside.url}/sector.json` };
    const refused = await register({ ...sector, grant_types: [DEVICE_GRANT] });
    expect([refused.status, refused.body.error]).to.deep.equal([400, 'invalid_client_metadata']);
  });
});
