import { expect } from 'chai';
import { startApp, type TestApp } from '../../support/app.js';
import { mutate } from '../mutate.js';

describe('limits on sensitive fields', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp({
      rateLimits: { enabled: true, general: { max: 10_000 }, signIn: { max: 3 }, signUp: { max: 2 } },
    });
  });
  afterEach(() => app.close());

  const signIn = () => mutate(app, 'signIn', { identifier: 'nobody@example.com', password: 'x' });

  it('refuses further sign-ins from an address, with the time to wait, until the window is over', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await signIn()).codes).to.deep.equal([]);
    const refused = await signIn();
    expect(refused.codes).to.deep.equal(['RATE_LIMITED']);
    expect(refused.errors[0]?.extensions['retryAfterSeconds']).to.be.within(1, 60);
    app.clock.advance(61);
    expect((await signIn()).codes).to.deep.equal([]);
  });

  it('counts each alias', async () => {
    const field = (alias: string) =>
      `${alias}: signIn(input: { identifier: "nobody@example.com", password: "x" }) { userErrors { code } }`;
    const { data, errors } = await app.graphql(`mutation { ${['a', 'b', 'c', 'd'].map(field).join(' ')} }`);
    expect(errors.map(({ path }) => path)).to.deep.equal([['d']]);
    expect(data.d).to.equal(null);
    expect(data.c.userErrors[0].code).to.equal('INVALID_CREDENTIALS');
  });

  it('shares the count with the REST door', async () => {
    for (let attempt = 0; attempt < 2; attempt += 1) await signIn();
    const body = { identifier: 'nobody@example.com', password: 'x' };
    expect((await app.rest('/auth/login', { body })).status).to.equal(401);
    expect((await app.rest('/auth/login', { body })).status).to.equal(429);
    expect((await signIn()).codes).to.deep.equal(['RATE_LIMITED']);
  });

  it('lets exactly as many of parallel calls through as the limit allows', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, signIn));
    const refused = answers.filter(({ codes }) => codes[0] === 'RATE_LIMITED');
    expect(refused).to.have.length(9);
  });

  it('limits registrations apart from sign-ins', async () => {
    const signUp = (name: string) =>
      mutate(app, 'signUp', { email: `${name}@example.com`, password: 'violet Anchor 42 drifts north' });
    expect((await signUp('a')).codes).to.deep.equal([]);
    expect((await signUp('b')).codes).to.deep.equal([]);
    expect((await signUp('c')).codes).to.deep.equal(['RATE_LIMITED']);
    expect(await app.deps.models.users.countDocuments({ emailNormalized: 'c@example.com' })).to.equal(0);
    expect((await signIn()).codes).to.deep.equal([]);
  });
});
