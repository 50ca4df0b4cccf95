import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader, exportSPKI, importJWK, jwtVerify, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { basic, bearer, type Doors, OTHER, SERVICE, startDoors } from '../http/doors.js';
import { insecure, skewOf } from './clients/discover.js';

const ISSUER = 'https://id.example';
const ORDERS = 'https://orders.example';
const STOCK = 'https://stock.example';
const VAULT = 'https://vault.example';
const SAFE = 'https://safe.example';
const LOCKER = 'https://locker.example';
const GATEWAY = 'https://gateway.example';
const SECRET = 'a secret that one gateway shares with us';
const service = basic(SERVICE.id, SERVICE.secret);

const bytes = (text: string) => new TextEncoder().encode(text);

describe('access tokens for resources', () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors({
      config: {
        issuer: ISSUER,
        scopes: ['read', 'write'].map((name) => ({ name, rules: [] })),
        resources: [
          { identifier: ORDERS, scopes: ['read', 'write'] },
          { identifier: STOCK, scopes: ['read'], signingAlgorithm: 'EdDSA', accessTokenTtlSeconds: 60 },
          { identifier: VAULT, scopes: ['write'], tokenFormat: 'opaque' },
          { identifier: SAFE, scopes: ['write'], introspectionClients: ['safe'] },
          { identifier: LOCKER, scopes: ['write'], introspectionClients: [OTHER.id] },
          { identifier: GATEWAY, scopes: ['read'], signingAlgorithm: 'HS256', sharedSecret: SECRET },
        ],
      },
    });
  });
  after(() => doors.close());

  type Body = Record<string, unknown>;
  const token = async (parameters: [string, string][]): Promise<Body> => {
    const form = new URLSearchParams(parameters).toString();
    const response = await doors.form('/oauth/token', form, service);
    return { status: response.status, ...((await response.json()) as Body) };
  };
  const machine = (...resources: string[]) =>
    token([
      ['grant_type', 'client_credentials'],
      ...resources.map((one): [string, string] => ['resource', one]),
    ]);
  const accessToken = async (...resources: string[]): Promise<string> =>
    String((await machine(...resources))['access_token']);
  const introspect = async (value: string, over: Record<string, string> = {}): Promise<Body> => {
    const response = await doors.form('/oauth/introspect', { token: value, ...over }, service);
    return (await response.json()) as Body;
  };
  const me = async (value: string) => (await doors.get('/auth/me', bearer(value))).status;
  const validate = async (value: string) => (await doors.get('/auth/validate', bearer(value))).status;

  describe('at the token endpoint', () => {
    it('are for the resource asked for, with the scopes that it knows (RFC 8707 §2.2)', async () => {
      const stock = await machine(STOCK);
      expect(stock).to.include({ status: 200, scope: 'read', expires_in: 60 });
      expect(decodeJwt(String(stock['access_token']))).to.include({ aud: STOCK, scope: 'read' });
      expect(decodeProtectedHeader(String(stock['access_token']))).to.include({
        alg: 'EdDSA',
        typ: 'at+jwt',
      });
      expect(await machine(ORDERS)).to.include({ status: 200, scope: 'read write' });
    });

    it('are refused for a resource that is unknown, malformed or has a fragment (RFC 8707 §2)', async () => {
      for (const resource of ['https://unknown.example', 'orders', `${ORDERS}#x`, `${ORDERS}/`]) {
        expect(await machine(resource), resource).to.include({ status: 400, error: 'invalid_target' });
      }
    });

    it('are refused for resources that want different tokens, and for this API and another at once', async () => {
      for (const pair of [
        [ORDERS, STOCK],
        [ORDERS, VAULT],
        [ORDERS, GATEWAY],
        [ORDERS, ISSUER],
      ]) {
        expect(await machine(...pair), pair.join()).to.include({ status: 400, error: 'invalid_target' });
      }
      expect(await machine(ISSUER)).to.include({ status: 200, scope: 'read write' });
    });

    it('verify with oauth4webapi as JWT access tokens (RFC 9068 §4)', async () => {
      const as: oauth.AuthorizationServer = {
        issuer: ISSUER,
        jwks_uri: `${doors.url}/.well-known/jwks.json`,
      };
      for (const resource of [ORDERS, STOCK]) {
        const request = new Request(`${resource}/thing`, { headers: bearer(await accessToken(resource)) });
        const options = { ...insecure, ...skewOf(doors) };
        const claims = await oauth.validateJwtAccessToken(as, request, resource, options);
        expect(claims).to.include({ client_id: SERVICE.id, aud: resource });
        const elsewhere = await oauth.validateJwtAccessToken(as, request, GATEWAY, options).catch(String);
        expect(elsewhere).to.contain('aud');
      }
    });
  });

  describe('narrowed at refresh', () => {
    const grant = async (): Promise<string> => {
      const user = await doors.user();
      const body = await token([
        ['grant_type', 'password'],
        ['username', user.email ?? ''],
        ['password', 'a long walk over the hills'],
        ['scope', 'openid offline_access email read write'],
        ['resource', ORDERS],
        ['resource', STOCK],
      ]);
      // Two resources with different tokens make no token, so the client asks for each.
      expect(body).to.include({ status: 400, error: 'invalid_target' });
      expect(await doors.deps.models.sessions.countDocuments({ userId: user._id })).to.equal(0);
      const { refresh_token: refreshToken } = await token([
        ['grant_type', 'password'],
        ['username', user.email ?? ''],
        ['password', 'a long walk over the hills'],
        ['scope', 'openid offline_access email read'],
        ['resource', ORDERS],
      ]);
      return String(refreshToken);
    };
    const refresh = (refreshToken: string, ...more: [string, string][]) =>
      token([['grant_type', 'refresh_token'], ['refresh_token', refreshToken], ...more]);

    it('stay within the resources of the grant, and a refusal costs the refresh token nothing', async () => {
      const refreshToken = await grant();
      expect(await refresh(refreshToken, ['resource', STOCK])).to.include({ error: 'invalid_target' });
      const next = await refresh(refreshToken, ['resource', ORDERS]);
      expect(next).to.include({ status: 200, scope: 'read' });
      expect(decodeJwt(String(next['access_token'])).aud).to.equal(ORDERS);
    });

    it('never have a scope that the grant does not have, whichever resource knows it', async () => {
      const refreshToken = await grant();
      expect(await refresh(refreshToken, ['scope', 'read write'])).to.include({ error: 'invalid_scope' });
      expect(await refresh(refreshToken, ['scope', 'read'])).to.include({ status: 200, scope: 'read' });
    });

    it('reach userinfo by name, with nothing but who the person is', async () => {
      const own = await refresh(await grant(), ['resource', ISSUER]);
      expect(own).to.include({ status: 200, scope: 'openid email' });
      const response = await doors.get('/oauth/userinfo', bearer(String(own['access_token'])));
      expect(response.status).to.equal(200);
    });
  });

  describe('used at another resource', () => {
    it('are refused by every door of this API, in every form', async () => {
      for (const resource of [ORDERS, STOCK, VAULT, GATEWAY]) {
        const value = await accessToken(resource);
        expect(await me(value), resource).to.equal(401);
        expect(await validate(value), resource).to.equal(401);
        expect((await doors.get('/oauth/userinfo', bearer(value))).status, resource).to.equal(401);
        expect(await introspect(value), resource).to.deep.include({ active: true, aud: [resource] });
      }
      expect(await validate(await accessToken())).to.equal(200);
    });
  });

  it('are told about to the API that they are for, where it says who asks for it (RFC 7662 §4)', async () => {
    const asOther = async (value: string): Promise<Body> => {
      const form = { token: value, client_id: OTHER.id, client_secret: OTHER.secret };
      return (await (await doors.form('/oauth/introspect', form, {})).json()) as Body;
    };
    const [safe, locker, both] = [
      await accessToken(SAFE),
      await accessToken(LOCKER),
      await accessToken(SAFE, LOCKER),
    ];
    expect(await asOther(safe)).to.deep.equal({ active: false });
    for (const value of [locker, both, await accessToken(STOCK), await accessToken()]) {
      expect(await asOther(value)).to.include({ active: true });
    }
    // The client that they were issued to.
    expect(await introspect(safe)).to.include({ active: true });
  });

  describe('signed with a shared secret', () => {
    it('verify with HS256 and the secret, and at introspection', async () => {
      const value = await accessToken(GATEWAY);
      expect(decodeProtectedHeader(value)).to.deep.equal({ alg: 'HS256', typ: 'at+jwt' });
      const { payload } = await jwtVerify(value, bytes(SECRET), { audience: GATEWAY, issuer: ISSUER });
      expect(payload['scope']).to.equal('read');
      expect(await introspect(value)).to.include({ active: true, scope: 'read' });
    });

    it('are good for that one resource, whatever the holder of the secret signs', async () => {
      const genuine = decodeJwt(await accessToken(GATEWAY));
      const forge = (claims: object, typ = 'at+jwt') =>
        new SignJWT({ ...genuine, ...claims }).setProtectedHeader({ alg: 'HS256', typ }).sign(bytes(SECRET));
      for (const aud of [ISSUER, ORDERS, STOCK, VAULT, [GATEWAY, ISSUER], [GATEWAY, ORDERS]]) {
        const forged = await forge({ aud });
        expect(await validate(forged), String(aud)).to.equal(401);
        expect(await introspect(forged), String(aud)).to.deep.equal({ active: false });
      }
      expect(await validate(await forge({}))).to.equal(401);
      expect(await introspect(await forge({}, 'JWT'))).to.deep.equal({ active: false });
      expect(await introspect(await forge({ iss: 'https://evil.example' }))).to.deep.equal({ active: false });
    });

    it('are revoked by name for that one resource: no jti that the holder of the secret signs ends another token', async () => {
      const victims = [await accessToken(), await accessToken(ORDERS), await accessToken(VAULT)];
      const own = await accessToken(GATEWAY);
      const jtis: string[] = [];
      for (const victim of victims) jtis.push(String((await introspect(victim))['jti']));
      for (const jti of jtis) {
        const forged = await new SignJWT({ ...decodeJwt(own), jti })
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
          .sign(bytes(SECRET));
        expect((await doors.form('/oauth/revoke', { token: forged }, service)).status).to.equal(200);
        expect(await introspect(forged)).to.deep.equal({ active: false });
      }
      for (const victim of victims) expect(await introspect(victim)).to.include({ active: true });
      expect((await doors.form('/oauth/revoke', { token: own }, service)).status).to.equal(200);
      expect(await introspect(own)).to.deep.equal({ active: false });
    });

    it('are not forged from RS256 or EdDSA by way of the public key (RFC 8725 §2.1)', async () => {
      for (const jwk of doors.deps.keys.publicJwks().keys) {
        const key = await importJWK({ ...jwk }, jwk.alg ?? '');
        if (key instanceof Uint8Array) throw new Error('a symmetric key is published');
        for (const secret of [await exportSPKI(key), JSON.stringify(jwk), jwk.x ?? '', jwk.n ?? '']) {
          for (const aud of [GATEWAY, ORDERS, ISSUER]) {
            const now = Math.floor(doors.clock().getTime() / 1000);
            const claims = { ...decodeJwt(await accessToken(GATEWAY)), aud, iat: now, exp: now + 60 };
            const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
            const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: jwk.kid })}.${encode(claims)}`;
            const forged = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
            expect(await introspect(forged)).to.deep.equal({ active: false });
          }
        }
      }
    });

    it('are not accepted under the algorithm of another key: the key decides, not the header', async () => {
      const value = await accessToken(STOCK);
      const [, body = '', signature = ''] = value.split('.');
      for (const alg of ['ES256', 'RS256', 'HS256', 'none', 'Ed25519']) {
        const head = Buffer.from(JSON.stringify({ ...decodeProtectedHeader(value), alg })).toString(
          'base64url',
        );
        expect(await introspect(`${head}.${body}.${signature}`), alg).to.deep.equal({ active: false });
      }
    });
  });

  describe('that say nothing by themselves', () => {
    it('have 256 random bits, are stored as a digest, and end with their lifetime', async () => {
      const value = await accessToken(VAULT);
      expect(value).to.match(/^[A-Za-z0-9_-]{43}$/);
      const stored = JSON.stringify(await doors.deps.models.opaqueTokens.find().lean());
      expect(stored).to.not.contain(value);
      expect(await introspect(value)).to.deep.include({
        active: true,
        token_type: 'Bearer',
        aud: [VAULT],
        scope: 'write',
        client_id: SERVICE.id,
        iss: ISSUER,
      });
      doors.clock.advance(901);
      expect(await introspect(value)).to.deep.equal({ active: false });
    });

    it('are revoked like the others: one, or all of a client', async () => {
      const [first, second] = [await accessToken(VAULT), await accessToken(VAULT)];
      const revoke = (credentials: Record<string, string>) =>
        doors.form('/oauth/revoke', { token: first }, credentials);
      // OTHER authenticates in the body; RFC 7009 §2.1: not its token.
      const stranger = { token: first, client_id: OTHER.id, client_secret: OTHER.secret };
      expect((await doors.form('/oauth/revoke', stranger)).status).to.equal(400);
      expect((await introspect(first))['active']).to.equal(true);
      expect((await revoke(service)).status).to.equal(200);
      expect(await introspect(first)).to.deep.equal({ active: false });
      expect((await introspect(second))['active']).to.equal(true);
      await doors.deps.denylist.deny('client', SERVICE.id);
      expect(await introspect(second)).to.deep.equal({ active: false });
      expect((await introspect(await accessToken(VAULT)))['active']).to.equal(true);
    });
  });
});

describe("opaque tokens of Fieldgate's own API", () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors({
      config: {
        tokens: { audience: 'https://api.id.example' },
        resources: [{ identifier: 'https://api.id.example', tokenFormat: 'opaque' }],
      },
    });
  });
  after(() => doors.close());

  it('open every door, are refreshed, and are refused once they are revoked', async () => {
    const user = await doors.user();
    const tokens = await doors.tokens(user, 'openid offline_access');
    const value = tokens['access_token'] ?? '';
    expect(value).to.match(/^[A-Za-z0-9_-]{43}$/);
    expect(tokens['id_token']).to.be.a('string');
    const userinfo = await doors.get('/oauth/userinfo', bearer(value));
    expect(await userinfo.json()).to.include({ sub: user._id });
    expect((await doors.get('/auth/validate', bearer(value))).status).to.equal(200);
    await doors.form('/oauth/revoke', { token: value }, service);
    expect((await doors.get('/auth/validate', bearer(value))).status).to.equal(401);
    expect((await doors.get('/auth/validate', bearer('A'.repeat(43)))).status).to.equal(401);
  });
});
