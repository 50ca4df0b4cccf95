import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { basic, type Doors, OTHER, SERVICE, startDoors } from '../http/doors.js';
import { forAnotherAudience, forgeries } from './tokens.js';

const service = basic(SERVICE.id, SERVICE.secret);
const other = { client_id: OTHER.id, client_secret: OTHER.secret };

describe('POST /oauth/introspect', () => {
  let doors: Doors;
  beforeEach(async () => {
    doors = await startDoors();
  });
  afterEach(() => doors.close());

  const introspect = (parameters: Record<string, string>, headers: Record<string, string> = service) =>
    doors.form('/oauth/introspect', parameters, headers);

  it('tells any confidential client what an access token that it holds stands for', async () => {
    const user = await doors.user();
    const tokens = await doors.tokens(user, 'openid read');
    const claims = decodeJwt(tokens['access_token'] ?? '');
    for (const response of [
      await introspect({ token: tokens['access_token'] ?? '' }),
      await introspect(
        { token: tokens['access_token'] ?? '', token_type_hint: 'refresh_token', ...other },
        {},
      ),
    ]) {
      expect(response.status).to.equal(200);
      expect(response.headers.get('cache-control')).to.equal('no-store');
      const body = (await response.json()) as Record<string, unknown>;
      expect(body).to.include({
        active: true,
        token_type: 'Bearer',
        sub: user._id,
        client_id: SERVICE.id,
        scope: 'openid read',
        iss: doors.deps.config.issuer,
        exp: claims.exp,
        iat: claims.iat,
        jti: claims.jti,
      });
      expect(body['aud']).to.deep.equal([doors.deps.config.issuer]);
    }
  });

  it('answers for tokens of other resource servers too', async () => {
    const tokens = await doors.tokens(await doors.user());
    const token = await forAnotherAudience(doors, tokens['access_token'] ?? '');
    expect(await (await introspect({ token })).json()).to.deep.include({
      active: true,
      aud: ['https://another.example'],
    });
  });

  it('shows a refresh token to its own client only', async () => {
    const user = await doors.user();
    const tokens = await doors.tokens(user);
    const token = tokens['refresh_token'] ?? '';
    expect(await (await introspect({ token })).json()).to.include({
      active: true,
      sub: user._id,
      client_id: SERVICE.id,
    });
    expect(await (await introspect({ token, ...other }, {})).json()).to.deep.equal({ active: false });
  });

  it('says that a refresh token is not active while it would be refused', async () => {
    const { models } = doors.deps;
    const later = new Date(doors.clock().getTime() + 1000);
    const isActive = async (token: string) =>
      (await (await introspect({ token })).json()) as object as { active: boolean };
    for (const spoil of [
      (id: string) => models.users.updateOne({ _id: id }, { $set: { status: 'locked' } }),
      (id: string) => models.users.updateOne({ _id: id }, { $set: { tokensValidAfter: later } }),
      () => models.clients.updateOne({ _id: SERVICE.id }, { $set: { tokensValidAfter: later } }),
    ]) {
      const user = await doors.user();
      const token = (await doors.tokens(user))['refresh_token'] ?? '';
      expect((await isActive(token)).active).to.equal(true);
      await spoil(user._id);
      expect(await isActive(token)).to.deep.equal({ active: false });
    }
  });

  it('says only that a token is not active, whatever the reason', async () => {
    const user = await doors.user();
    const tokens = await doors.tokens(user);
    const good = tokens['access_token'] ?? '';
    for (const [title, token] of await forgeries(doors, good)) {
      const response = await introspect({ token });
      expect(response.status, title).to.equal(200);
      expect(await response.json(), title).to.deep.equal({ active: false });
    }
    await doors.form('/oauth/revoke', { token: good }, service);
    expect(await (await introspect({ token: good })).json()).to.deep.equal({ active: false });
  });

  it('finds tokens inactive whose time is over or whose user is locked', async () => {
    const user = await doors.user();
    const token = (await doors.tokens(user))['access_token'] ?? '';
    await doors.deps.models.users.updateOne({ _id: user._id }, { $set: { status: 'disabled' } });
    expect(await (await introspect({ token })).json()).to.deep.equal({ active: false });
    await doors.deps.models.users.updateOne({ _id: user._id }, { $set: { status: 'active' } });
    expect(await (await introspect({ token })).json()).to.include({ active: true });
    doors.clock.advance(901);
    expect(await (await introspect({ token })).json()).to.deep.equal({ active: false });
  });

  it('is refused to public clients, to strangers and without credentials', async () => {
    const token = (await doors.tokens(await doors.user()))['access_token'] ?? '';
    for (const response of [
      await introspect({ token, client_id: 'spa' }, {}),
      await introspect({ token }, basic(SERVICE.id, 'wrong')),
      await introspect({ token }, {}),
      await introspect({ token }, { authorization: `Bearer ${token}` }),
    ]) {
      expect(response.status).to.equal(401);
      expect(await response.json()).to.include({ error: 'invalid_client' });
    }
  });

  it('counts refusals against the general limit, and no answers', async () => {
    const limited = await startDoors({ config: { rateLimits: { general: { max: 3, windowSeconds: 60 } } } });
    const ask = (headers: Record<string, string>) =>
      limited.form('/oauth/introspect', { token: 'x' }, headers);
    for (let index = 0; index < 8; index += 1) expect((await ask(service)).status).to.equal(200);
    for (let index = 0; index < 3; index += 1) expect((await ask({})).status).to.equal(401);
    expect((await ask({})).status).to.equal(429);
    expect((await ask(service)).status).to.equal(200);
    await limited.close();
  });
});
