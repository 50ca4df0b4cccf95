import { expect } from 'chai';
import { startApp, type TestApp } from '../../support/app.js';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redisServer.js';
import { skipBecause } from '../../support/skip.js';
import {
  asserted,
  assertionOf,
  change,
  type Holder,
  MACHINE,
  makeHolder,
  PARTIES,
  proofOf,
} from './parties.js';

const TOKEN = { htm: 'POST', path: '/oauth/token' };
const FORM = { grant_type: 'client_credentials', scope: 'account' };

describe('what may be shown once, shown to two replicas at the same time', () => {
  let redis: RedisServer;
  let one: TestApp;
  let two: TestApp;
  let holder: Holder;
  before(async function () {
    if (!hasRedisServer()) skipBecause(this, 'there is no redis-server to share');
    redis = await startRedisServer();
    const stores = { redisUrl: redis.url };
    one = await startApp(PARTIES, { stores });
    two = await startApp(PARTIES, { stores, replicaOf: one });
    holder = await makeHolder();
  });
  after(async () => {
    await two?.close();
    await one?.close();
    await redis?.close();
  });

  const both = <T>(ask: (app: TestApp) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 40 }, (_, index) => ask(index % 2 === 0 ? one : two)));

  it('a DPoP proof is taken by one (RFC 9449 §11.1)', async () => {
    const dpop = await proofOf(one, holder, TOKEN);
    const answers = await both((app) =>
      app.rest('/oauth/token', { form: FORM, basic: MACHINE, headers: { dpop } }),
    );
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_dpop_proof')).to.have.length(39);
  });

  it('a client assertion is taken by one (RFC 7523 §3)', async () => {
    await change(one, 'machine', {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [holder.publicJwk] },
    });
    const assertion = await assertionOf(one, 'machine', holder);
    const answers = await both((app) =>
      app.rest('/oauth/token', { form: { ...FORM, ...asserted(assertion) } }),
    );
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_client')).to.have.length(39);
  });

  it('is refused with 503 while nobody can tell whether it was shown', async () => {
    const assertion = await assertionOf(one, 'machine', holder);
    await change(one, 'machine', { tokenEndpointAuthMethod: 'client_secret_basic', jwks: null });
    await redis.stop();
    const headers = { dpop: await proofOf(one, holder, TOKEN) };
    expect((await one.rest('/oauth/token', { form: FORM, basic: MACHINE, headers })).status).to.equal(503);
    expect((await one.rest('/oauth/token', { form: FORM, basic: MACHINE })).status).to.equal(200);
    await change(one, 'machine', {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [holder.publicJwk] },
    });
    const asked = await one.rest('/oauth/token', { form: { ...FORM, ...asserted(assertion) } });
    expect(asked.status).to.equal(503);
  });
});
