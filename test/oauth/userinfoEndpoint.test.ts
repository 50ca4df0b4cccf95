import { expect } from 'chai';
import { basic, bearer, type Doors, SERVICE, startDoors } from '../http/doors.js';
import { forAnotherAudience, forgeries } from './tokens.js';

describe('/oauth/userinfo', () => {
  let doors: Doors;
  beforeEach(async () => {
    doors = await startDoors();
  });
  afterEach(() => doors.close());

  const profile = { name: 'Ada Lovelace', givenName: 'Ada', phone: '+4915112345678', phoneVerified: true };

  it('tells the claims that the scopes name, by GET and by POST', async () => {
    const user = await doors.user(profile);
    const tokens = await doors.tokens(user, 'openid profile email');
    const byGet = await doors.get('/oauth/userinfo', bearer(tokens['access_token']));
    expect(byGet.status).to.equal(200);
    expect(byGet.headers.get('cache-control')).to.equal('no-store');
    expect(byGet.headers.get('content-type')).to.match(/^application\/json(?:;|$)/);
    const claims = (await byGet.json()) as Record<string, unknown>;
    expect(claims).to.include({
      sub: user._id,
      name: 'Ada Lovelace',
      given_name: 'Ada',
      email: user.email,
      email_verified: true,
    });
    expect(claims).to.not.have.any.keys('phone_number', 'passwordHash', 'roles', 'status');
    const byPost = await doors.form('/oauth/userinfo', { access_token: tokens['access_token'] ?? '' });
    expect(await byPost.json()).to.deep.equal(claims);
  });

  it('tells only the subject for openid alone', async () => {
    const user = await doors.user(profile);
    const tokens = await doors.tokens(user, 'openid');
    const response = await doors.get('/oauth/userinfo', bearer(tokens['access_token']));
    expect(await response.json()).to.deep.equal({ sub: user._id });
  });

  it('challenges a request without a token, and names no error', async () => {
    const response = await doors.get('/oauth/userinfo');
    expect(response.status).to.equal(401);
    expect(response.headers.get('www-authenticate')).to.match(
      /^Bearer realm="fieldgate", DPoP algs="[^"]+"$/,
    );
  });

  it('takes no token from the query string', async () => {
    const tokens = await doors.tokens(await doors.user());
    const response = await doors.get(`/oauth/userinfo?access_token=${tokens['access_token']}`);
    expect(response.status).to.equal(401);
  });

  it('refuses an Authorization header that names Bearer and holds no token', async () => {
    const response = await doors.get('/oauth/userinfo', { authorization: 'Bearer' });
    expect(response.status).to.equal(400);
    expect(await response.json()).to.include({ error: 'invalid_request' });
  });

  it('refuses tokens in two places', async () => {
    const token = (await doors.tokens(await doors.user()))['access_token'] ?? '';
    const response = await doors.form('/oauth/userinfo', { access_token: token }, bearer(token));
    expect(response.status).to.equal(400);
    expect(await response.json()).to.include({ error: 'invalid_request' });
  });

  it('refuses a token without openid, and one of a client itself, with 403 and the scope', async () => {
    const user = await doors.tokens(await doors.user(), 'read');
    const own = await doors.form(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      basic(SERVICE.id, SERVICE.secret),
    );
    const client = (await own.json()) as Record<string, string>;
    for (const { access_token: token } of [user, client]) {
      const response = await doors.get('/oauth/userinfo', bearer(token));
      expect(response.status).to.equal(403);
      expect(response.headers.get('www-authenticate')).to.include(
        'error="insufficient_scope", scope="openid"',
      );
      expect(await response.json()).to.include({ error: 'insufficient_scope' });
    }
  });

  it('refuses every forged, expired or foreign token alike', async () => {
    const good = (await doors.tokens(await doors.user()))['access_token'] ?? '';
    const bad = [
      ...(await forgeries(doors, good)),
      ['another audience', await forAnotherAudience(doors, good)],
    ] as const;
    for (const [title, token] of bad) {
      const response = await doors.get('/oauth/userinfo', bearer(token));
      expect(response.status, title).to.equal(401);
      expect(response.headers.get('www-authenticate'), title).to.include('error="invalid_token"');
      const body = (await response.json()) as Record<string, string>;
      expect(body, title).to.include({
        error: 'invalid_token',
        error_description: 'the access token is not valid',
      });
    }
    expect((await doors.get('/oauth/userinfo', bearer(good))).status).to.equal(200);
  });

  it('refuses a token when its time is over, its user locked or its session ended', async () => {
    const user = await doors.user();
    const { access_token: token } = await doors.tokens(user);
    await doors.deps.models.users.updateOne({ _id: user._id }, { $set: { status: 'locked' } });
    expect((await doors.get('/oauth/userinfo', bearer(token))).status).to.equal(401);
    await doors.deps.models.users.updateOne({ _id: user._id }, { $set: { status: 'active' } });
    expect((await doors.get('/oauth/userinfo', bearer(token))).status).to.equal(200);
    doors.clock.advance(901);
    expect((await doors.get('/oauth/userinfo', bearer(token))).status).to.equal(401);
  });
});
