import { expect } from 'chai';
import { basic, bearer, type Doors, OTHER, SERVICE, startDoors } from '../http/doors.js';

const service = basic(SERVICE.id, SERVICE.secret);

describe('POST /oauth/revoke', () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors();
  });
  after(() => doors.close());

  const revoke = (parameters: Record<string, string>, headers: Record<string, string> = service) =>
    doors.form('/oauth/revoke', parameters, headers);
  const isAlive = async (token: string | undefined) =>
    (await doors.get('/oauth/userinfo', bearer(token))).status === 200;
  const refresh = (token: string | undefined) =>
    doors.form('/oauth/token', { grant_type: 'refresh_token', refresh_token: token ?? '' }, service);

  for (const hint of [undefined, 'access_token', 'refresh_token', 'pineapple']) {
    it(`ends an access token at once, and no other, with the hint ${hint}`, async () => {
      const user = await doors.user();
      const [first, second] = [await doors.tokens(user), await doors.tokens(user)];
      const token = first['access_token'] ?? '';
      const response = await revoke({ token, ...(hint !== undefined && { token_type_hint: hint }) });
      expect(response.status).to.equal(200);
      expect(response.headers.get('cache-control')).to.equal('no-store');
      expect(await response.text()).to.equal('');
      expect(await isAlive(token)).to.equal(false);
      expect(await isAlive(second['access_token'])).to.equal(true);
    });

    it(`ends the family of a refresh token with the hint ${hint}`, async () => {
      const tokens = await doors.tokens(await doors.user());
      const token = tokens['refresh_token'] ?? '';
      expect((await revoke({ token, ...(hint !== undefined && { token_type_hint: hint }) })).status).to.equal(
        200,
      );
      expect((await refresh(token)).status).to.equal(400);
    });
  }

  it('answers 200 for tokens that are unknown, expired, revoked already or no tokens at all', async () => {
    const tokens = await doors.tokens(await doors.user());
    const token = tokens['access_token'] ?? '';
    await revoke({ token });
    for (const unknown of [token, 'garbage', '{"$ne":null}', `${token}x`, 'a.b.c']) {
      const response = await revoke({ token: unknown });
      expect(response.status, unknown.slice(0, 20)).to.equal(200);
      expect(await response.text()).to.equal('');
    }
  });

  it("refuses another client's tokens, which live on", async () => {
    const tokens = await doors.tokens(await doors.user());
    for (const name of ['access_token', 'refresh_token']) {
      const credentials = { client_id: OTHER.id, client_secret: OTHER.secret };
      const response = await revoke({ token: tokens[name] ?? '', ...credentials }, {});
      expect(response.status).to.equal(400);
      expect(await response.json()).to.include({ error: 'invalid_grant' });
    }
    expect(await isAlive(tokens['access_token'])).to.equal(true);
    expect((await refresh(tokens['refresh_token'])).status).to.equal(200);
  });

  it('refuses a client that does not authenticate, before it looks at the token', async () => {
    const tokens = await doors.tokens(await doors.user());
    const response = await revoke({ token: tokens['access_token'] ?? '' }, basic(SERVICE.id, 'wrong'));
    expect(response.status).to.equal(401);
    expect(await isAlive(tokens['access_token'])).to.equal(true);
  });

  it('lets a public client revoke its own tokens', async () => {
    const user = await doors.user();
    const parameters = {
      client_id: 'spa',
      grant_type: 'password',
      username: user.email ?? '',
      password: 'a long walk over the hills',
    };
    const tokens = (await (await doors.form('/oauth/token', parameters)).json()) as Record<string, string>;
    expect((await revoke({ token: tokens['access_token'] ?? '', client_id: 'spa' }, {})).status).to.equal(
      200,
    );
    expect(await isAlive(tokens['access_token'])).to.equal(false);
  });

  it('refuses a request without a token or with two', async () => {
    expect((await revoke({})).status).to.equal(400);
    const headers = { ...service, 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await fetch(`${doors.url}/oauth/revoke`, {
      method: 'POST',
      body: 'token=a&token=b',
      headers,
    });
    expect(twice.status).to.equal(400);
    expect(await twice.json()).to.include({ error: 'invalid_request' });
  });

  it('writes the revocation to the audit trail', async () => {
    const tokens = await doors.tokens(await doors.user());
    await revoke({ token: tokens['access_token'] ?? '' });
    const event = await doors.deps.models.auditEvents
      .findOne({ action: 'token.revoke', objectType: 'AccessToken' })
      .sort({ _id: -1 });
    expect(event).to.include({ clientId: SERVICE.id, outcome: 'success' });
  });
});
