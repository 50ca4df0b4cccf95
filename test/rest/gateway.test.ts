import { expect } from 'chai';
import { decodeJwt } from 'jose';
import type { User } from '../../src/models/user.js';
import { basic, bearer, cookiesOf, type Doors, PASSWORD, SERVICE, startDoors } from '../http/doors.js';
import { forAnotherAudience, forgeries } from '../oauth/tokens.js';

describe('/auth/validate', () => {
  let doors: Doors;
  beforeEach(async () => {
    doors = await startDoors();
  });
  afterEach(() => doors.close());

  const sessionOf = async ({ email }: User) =>
    cookiesOf(await doors.json('/auth/login', { identifier: email, password: PASSWORD, cookie: true }));

  it('tells a gateway who holds a token, in body and headers, by GET and POST', async () => {
    const user = await doors.user({ roleAssignments: [{ role: 'user' }, { role: 'admin' }] });
    const { access_token: token = '' } = await doors.tokens(user, 'openid read');
    for (const method of ['GET', 'POST']) {
      const response = await fetch(`${doors.url}/auth/validate`, { method, headers: bearer(token) });
      expect(response.status).to.equal(200);
      expect(response.headers.get('cache-control')).to.equal('no-store');
      expect(response.headers.get('x-fieldgate-subject')).to.equal(user._id);
      expect(response.headers.get('x-fieldgate-roles')).to.equal('user,admin');
      expect(response.headers.get('x-fieldgate-scope')).to.equal('openid read');
      expect(await response.json()).to.deep.equal({
        active: true,
        sub: user._id,
        scope: 'openid read',
        roles: ['user', 'admin'],
        clientId: SERVICE.id,
        exp: decodeJwt(token).exp,
      });
    }
  });

  it('leaves out roles whose time is over', async () => {
    const past = new Date(doors.clock().getTime() - 1000);
    const user = await doors.user({
      roleAssignments: [{ role: 'user' }, { role: 'admin', validUntil: past }],
    });
    const { access_token: token } = await doors.tokens(user);
    expect((await doors.get('/auth/validate', bearer(token))).headers.get('x-fieldgate-roles')).to.equal(
      'user',
    );
  });

  it('knows a client by its own token', async () => {
    const issued = await doors.form(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      basic(SERVICE.id, SERVICE.secret),
    );
    const { access_token: token } = (await issued.json()) as Record<string, string>;
    const response = await doors.get('/auth/validate', bearer(token));
    expect(await response.json()).to.include({
      active: true,
      sub: SERVICE.id,
      clientId: SERVICE.id,
      scope: 'read write',
    });
  });

  it('knows a session by its cookie, which asks no proof of origin: nothing changes', async () => {
    const user = await doors.user();
    const secondsNow = () => Math.floor(doors.clock().getTime() / 1000);
    const signedInAfter = secondsNow();
    const cookie = await sessionOf(user);
    for (const method of ['GET', 'POST']) {
      const headers = { cookie, origin: 'https://shop.example' };
      const response = await fetch(`${doors.url}/auth/validate`, { method, headers });
      expect(response.status).to.equal(200);
      const body = (await response.json()) as Record<string, unknown>;
      expect(body).to.include({ active: true, sub: user._id, scope: '', clientId: null });
      expect(body['exp']).to.be.within(signedInAfter + 14 * 86_400, secondsNow() + 14 * 86_400);
    }
  });

  it('answers 401 without a credential and for every bad one, and sets no header', async () => {
    const user = await doors.user();
    const cookie = await sessionOf(user);
    const good = (await doors.tokens(user))['access_token'] ?? '';
    const bad: [string, Record<string, string>][] = [
      ['nothing', {}],
      ['a cookie of nobody', { cookie: 'fieldgate_session=abc' }],
      ['Basic', { authorization: 'Basic eDp5', cookie }],
      ['an empty bearer beside a good cookie', { authorization: 'Bearer ', cookie }],
      ['another audience', bearer(await forAnotherAudience(doors, good))],
      ...(await forgeries(doors, good)).map(
        ([title, token]) => [title, { ...bearer(token), cookie }] as [string, Record<string, string>],
      ),
    ];
    for (const [title, headers] of bad) {
      const response = await doors.get('/auth/validate', headers);
      expect(response.status, title).to.equal(401);
      expect(response.headers.get('www-authenticate'), title).to.match(/^Bearer/);
      expect(response.headers.get('x-fieldgate-subject'), title).to.equal(null);
      expect(await response.json(), title).to.have.nested.property('error.code', 'UNAUTHENTICATED');
    }
  });

  it('does not count what it lets through, but what it refuses', async () => {
    const limited = await startDoors({
      config: { rateLimits: { enabled: true, token: { max: 9 }, general: { max: 3 } } },
    });
    const { access_token: token } = await limited.tokens(await limited.user());
    for (let index = 0; index < 6; index += 1) {
      expect((await limited.get('/auth/validate', bearer(token))).status).to.equal(200);
    }
    const refused = [1, 2, 3].map(() => limited.get('/auth/validate', bearer('bad')));
    expect((await Promise.all(refused)).map(({ status }) => status)).to.have.members([401, 401, 429]);
    await limited.close();
  });
});
