import { expect } from 'chai';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { createVisitor } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import {
  allowAll,
  answerOf,
  authorize,
  CALLBACK,
  follow,
  nextOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
} from './flow.js';

describe('signed authorization responses (JARM)', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows({ tokens: { algorithm: 'ES256', additionalAlgorithms: ['PS256'] } });
  });
  after(() => app.close());

  async function open(response: string) {
    const { payload } = await jwtVerify(response, createLocalJWKSet(app.deps.keys.publicJwks()), {
      issuer: app.config.issuer,
      audience: 'web',
      currentDate: app.clock(),
    });
    return payload;
  }

  for (const [mode, begins] of [
    ['jwt', `${CALLBACK}?response=`],
    ['query.jwt', `${CALLBACK}?response=`],
    ['fragment.jwt', `${CALLBACK}#response=`],
  ] as const) {
    it(`answers response_mode=${mode} with nothing but a signed JWT (JARM §2.1, §2.3)`, async () => {
      const { visitor } = await signedInVisitor(app);
      await authorize(app, visitor, requestOf().path);
      const { path, verifier } = requestOf({ response_mode: mode });
      const answer = await visitor.open(path);
      expect(nextOf(answer)?.startsWith(begins)).to.equal(true);
      expect([...answerOf(answer).keys()]).to.deep.equal(['response']);
      const payload = await open(answerOf(answer).get('response') ?? '');
      expect(payload).to.have.keys('iss', 'aud', 'exp', 'code', 'state');
      expect(payload).to.include({ aud: 'web', state: 'state-1', iss: app.config.issuer });
      expect(payload.exp).to.equal(Math.floor(app.clock().getTime() / 1000) + 600);
      expect((await redeem(app, String(payload['code']), verifier)).status).to.equal(200);
    });
  }

  it('posts it with response_mode=form_post.jwt (JARM §2.3.3)', async () => {
    const { visitor } = await signedInVisitor(app);
    await authorize(app, visitor, requestOf().path);
    const { text } = await visitor.open(requestOf({ response_mode: 'form_post.jwt' }).path);
    const fields = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
    expect(fields.map(([, name]) => name)).to.deep.equal(['response']);
    expect(await open(fields[0]?.[2] ?? '')).to.have.property('code');
  });

  it('tells of refusals so too, before and after the person was asked (JARM §2.1)', async () => {
    const path = requestOf({ response_mode: 'jwt', prompt: 'none' }).path;
    const early = answerOf(await createVisitor(app).open(path));
    expect(await open(early.get('response') ?? '')).to.include({ error: 'login_required', state: 'state-1' });
    const { visitor } = await signedInVisitor(app);
    const page = await follow(app, visitor, await visitor.open(requestOf({ response_mode: 'jwt' }).path));
    const refused = await follow(app, visitor, await visitor.send(page, { 'choice.refuse': '1' }));
    expect(await open(answerOf(refused).get('response') ?? '')).to.include({ error: 'access_denied' });
  });

  it('signs by the algorithm that the client has registered (JARM §3)', async () => {
    const { visitor } = await signedInVisitor(app);
    const page = await follow(app, visitor, await visitor.open(requestOf({ response_mode: 'jwt' }).path));
    const set = (authorizationSignedResponseAlg: string | null) =>
      app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { authorizationSignedResponseAlg } });
    await set('PS256');
    const answer = answerOf(await follow(app, visitor, await visitor.send(page, allowAll(page))));
    await set(null);
    const response = answer.get('response') ?? '';
    expect(decodeProtectedHeader(response).alg).to.equal('PS256');
    expect(await open(response)).to.have.property('code');
    const { body } = await app.rest('/.well-known/oauth-authorization-server');
    expect(body.authorization_signing_alg_values_supported).to.deep.equal(['ES256', 'PS256']);
  });

  it('is no token: userinfo and id_token_hint refuse it', async () => {
    const { visitor } = await signedInVisitor(app);
    await authorize(app, visitor, requestOf().path);
    const answer = answerOf(await visitor.open(requestOf({ response_mode: 'jwt' }).path));
    const response = answer.get('response') ?? '';
    expect((await app.rest('/oauth/userinfo', { token: response })).status).to.equal(401);
    const hinted = answerOf(await visitor.open(requestOf({ id_token_hint: response }).path));
    expect(hinted.get('error')).to.equal('invalid_request');
  });
});
