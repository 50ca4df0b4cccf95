import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { TestApp } from '../support/app.js';
import { type Outside, startOutside } from '../support/outside.js';
import { authorize, redeem, requestOf, signedInVisitor, startFlows } from './authorize/flow.js';

describe('back-channel logout, with the whole server', () => {
  let app: TestApp;
  let outside: Outside;

  before(async () => {
    outside = await startOutside();
    app = await startFlows(outside.config);
    await app.deps.models.clients.updateOne(
      { _id: 'web' },
      { $set: { backchannelLogoutUri: `${outside.url}/logout` } },
    );
  });
  after(async () => {
    await app.close();
    await outside.close();
  });

  it('tells the app, in the background, by the `sid` of its ID token when the person signs out', async () => {
    const { visitor, person } = await signedInVisitor(app);
    const { path, verifier } = requestOf();
    const { body } = await redeem(app, (await authorize(app, visitor, path)).get('code'), verifier);
    const keys = createRemoteJWKSet(new URL(`${app.url}/.well-known/jwks.json`));
    const idToken = await jwtVerify(String(body.id_token), keys);

    const signedOut = await visitor.send(await visitor.open('/sign-out'), { 'choice.signOut': '1' });
    expect(signedOut.text).to.include('You are signed out');
    for (let i = 0; i < 100 && outside.received.length === 0; i += 1) await setTimeout(50);

    const token = new URLSearchParams(outside.received[0]?.body).get('logout_token') ?? '';
    const { payload } = await jwtVerify(token, keys, {
      issuer: app.url,
      audience: 'web',
      typ: 'logout+jwt',
      currentDate: app.clock(),
    });
    expect(payload).to.include({ sub: person.id, sid: idToken.payload['sid'] });
  });
});
