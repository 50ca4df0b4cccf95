import { expect } from 'chai';
import type { TestApp } from '../../support/app.js';
import { authorize, redeem, requestOf, signedInVisitor, startFlows } from './flow.js';

describe('an authorization code in a race', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  it('gives tokens to one of 50, and as the others are replays, none that lives on', async () => {
    const { visitor } = await signedInVisitor(app);
    const { path, verifier } = requestOf({ scope: 'openid offline_access' });
    const code = (await authorize(app, visitor, path)).get('code');
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(app, code, verifier)));
    const given = answers.filter(({ status }) => status === 200);
    expect(given).to.have.length(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).to.have.length(49);
    const { access_token: token, refresh_token: refreshToken } = given[0]?.body ?? {};
    expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const refreshed = await app.rest('/oauth/token', {
      form: refresh,
      basic: ['web', 'web-secret-0123456789-abcdefghijk'],
    });
    expect(refreshed.body.error).to.equal('invalid_grant');
  });
});
