import { expect } from 'chai';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { createSession } from '../../src/identity/sessions/sessions.js';
import { readIdTokenHint } from '../../src/identity/tokens/idTokenHint.js';
import { issueUserTokens } from '../../src/identity/tokens/issueTokens.js';
import { subjectFor } from '../../src/identity/tokens/subject.js';
import type { UserTokenRequest } from '../../src/identity/tokens/userTokens.js';
import type { Client } from '../../src/models/client.js';
import type { User } from '../../src/models/user.js';
import { basic, bearer, type Doors, OTHER, SERVICE, startDoors } from '../http/doors.js';
import { ORIGIN } from '../support/deps.js';
import { refusal } from '../support/refusal.js';

const ISSUER = 'https://id.example';
const service = basic(SERVICE.id, SERVICE.secret);

describe('tokens and answers as a client registered them', () => {
  let doors: Doors;
  let user: User;
  beforeEach(async () => {
    doors = await startDoors({
      config: { issuer: ISSUER, tokens: { algorithm: 'ES256', additionalAlgorithms: ['EdDSA'] } },
    });
    user = await doors.user({ name: 'Alice', phone: '+14155550100', phoneVerified: true });
  });
  afterEach(() => doors.close());

  const register = async (over: Partial<Client>): Promise<Client> => {
    const client = await doors.deps.models.clients
      .findOneAndUpdate({ _id: SERVICE.id }, { $set: over }, { returnDocument: 'after' })
      .lean<Client>();
    if (!client) throw new Error('no such client');
    return client;
  };
  const issue = async (client: Client, over: Partial<UserTokenRequest> = {}) => {
    const opened = { user, clientId: client._id, amr: ['pwd'], withCookie: false };
    const { session } = await createSession(doors.deps, opened, ORIGIN);
    return issueUserTokens(doors.deps, { user, session, client, scopes: ['openid', 'email'], ...over });
  };
  const userinfo = async (token: string) => {
    const response = await doors.get('/oauth/userinfo', bearer(token));
    return (await response.json()) as Record<string, unknown>;
  };
  const introspect = async (token: string, over: Record<string, string> = {}, as = service) => {
    const response = await doors.form('/oauth/introspect', { token, ...over }, as);
    return (await response.json()) as Record<string, unknown>;
  };
  const server = (): oauth.AuthorizationServer => ({
    issuer: ISSUER,
    jwks_uri: `${doors.url}/.well-known/jwks.json`,
    userinfo_endpoint: `${doors.url}/oauth/userinfo`,
    introspection_endpoint: `${doors.url}/oauth/introspect`,
  });
  const insecure = { [oauth.allowInsecureRequests]: true };

  describe('a pairwise subject (OIDC Core §8.1)', () => {
    it('is the same in ID token, access token, userinfo and introspection, and not the id of the user', async () => {
      const client = await register({ subjectType: 'pairwise', redirectUris: ['https://app.example/cb'] });
      const tokens = await issue(client);
      const sub = subjectFor(doors.deps, client, user._id);
      expect(sub).to.not.equal(user._id);
      expect(decodeJwt(tokens.idToken ?? '').sub).to.equal(sub);
      expect(decodeJwt(tokens.accessToken).sub).to.equal(sub);
      expect((await userinfo(tokens.accessToken))['sub']).to.equal(sub);
      expect((await introspect(tokens.accessToken))['sub']).to.equal(sub);
      expect((await introspect(tokens.refreshToken ?? ''))['sub']).to.equal(sub);
      expect((await doors.get('/auth/me', bearer(tokens.accessToken))).status).to.equal(200);
    });

    it('is not shown to a resource server that knows users by their ids', async () => {
      const tokens = await issue(await register({ subjectType: 'pairwise' }));
      const other = { client_id: OTHER.id, client_secret: OTHER.secret };
      expect((await introspect(tokens.accessToken, other, {}))['sub']).to.equal(user._id);
    });

    it('leads back to the user from an id_token_hint', async () => {
      const tokens = await issue(await register({ subjectType: 'pairwise' }));
      const hint = await readIdTokenHint(doors.deps, tokens.idToken ?? '');
      expect(hint).to.include({ userId: user._id, clientId: SERVICE.id });
    });

    it('is refused with everything of the user', async () => {
      const tokens = await issue(await register({ subjectType: 'pairwise' }));
      await doors.deps.denylist.deny('user', user._id);
      expect(await introspect(tokens.accessToken)).to.deep.equal({ active: false });
    });
  });

  describe('a signed answer of userinfo (OIDC Core §5.3.2)', () => {
    it('is a JWT of the registered algorithm for this client, as oauth4webapi verifies', async () => {
      const client = await register({ userinfoSignedResponseAlg: 'EdDSA' });
      const { accessToken } = await issue(client);
      const as = server();
      const me = { client_id: SERVICE.id, userinfo_signed_response_alg: 'EdDSA' };
      const response = await oauth.userInfoRequest(as, me, accessToken, insecure);
      expect(response.headers.get('content-type')).to.match(/^application\/jwt/);
      const text = await response.clone().text();
      const claims = await oauth.processUserInfoResponse(as, me, user._id, response);
      await oauth.validateApplicationLevelSignature(as, response, insecure);
      expect(claims).to.include({ iss: ISSUER, aud: SERVICE.id, email: user.email });
      expect(decodeProtectedHeader(text)).to.include({ alg: 'EdDSA', typ: 'JWT' });
    });

    it('is taken neither for an ID token nor for an access token', async () => {
      const { accessToken } = await issue(await register({ userinfoSignedResponseAlg: 'ES256' }));
      const response = await doors.get('/oauth/userinfo', bearer(accessToken));
      const signed = await response.text();
      await refusal(readIdTokenHint(doors.deps, signed), 'INVALID_REQUEST');
      expect((await doors.get('/auth/validate', bearer(signed))).status).to.equal(401);
      expect(await introspect(signed)).to.deep.equal({ active: false });
    });
  });

  describe('an ID token', () => {
    it('is signed with the registered algorithm, and its at_hash follows it (OIDC Core §3.1.3.6)', async () => {
      const tokens = await issue(await register({ idTokenSignedResponseAlg: 'EdDSA' }));
      expect(decodeProtectedHeader(tokens.idToken ?? '').alg).to.equal('EdDSA');
      expect(decodeProtectedHeader(tokens.accessToken).alg).to.equal('ES256');
      const hash = new Uint8Array(
        await crypto.subtle.digest('SHA-512', new TextEncoder().encode(tokens.accessToken)),
      );
      const expected = Buffer.from(hash.subarray(0, 32)).toString('base64url');
      expect(decodeJwt(tokens.idToken ?? '')['at_hash']).to.equal(expected);
      const keys = createRemoteJWKSet(new URL(`${doors.url}/.well-known/jwks.json`));
      await jwtVerify(tokens.idToken ?? '', keys, { issuer: ISSUER, audience: SERVICE.id });
    });

    it('is never signed with a symmetric key, whatever stands in the record of the client', async () => {
      await refusal(issue(await register({ idTokenSignedResponseAlg: 'HS256' })), 'UNAVAILABLE');
      await refusal(issue(await register({ idTokenSignedResponseAlg: 'none' })), 'UNAVAILABLE');
    });

    it('is no access token, at no door', async () => {
      const { idToken } = await issue(await register({}));
      for (const path of ['/oauth/userinfo', '/auth/validate', '/auth/me']) {
        expect((await doors.get(path, bearer(idToken ?? ''))).status, path).to.equal(401);
      }
      expect(await introspect(idToken ?? '')).to.deep.equal({ active: false });
    });
  });

  describe('claims by name (OIDC Core §5.5)', () => {
    const claims = {
      id_token: { phone_number: { essential: true }, email: { value: 'somebody@else.example' } },
      userinfo: { name: null, phone_number: { values: ['+14155550100'] } },
    };

    it('are in the ID token and at userinfo, each where it was asked for', async () => {
      const tokens = await issue(await register({}), { scopes: ['openid'], claims });
      const idToken = decodeJwt(tokens.idToken ?? '');
      expect(idToken).to.include({ phone_number: '+14155550100' });
      expect(idToken).to.not.have.any.keys('email', 'name');
      const told = await userinfo(tokens.accessToken);
      expect(told).to.deep.equal({ sub: user._id, name: 'Alice', phone_number: '+14155550100' });
    });

    it('survive a refresh, without what the person left out and what the client may ask for no more', async () => {
      const client = await register({});
      const refusedClaims = ['phone_number'];
      const tokens = await issue(client, { scopes: ['openid', 'offline_access'], claims, refusedClaims });
      const refresh = async (token: string | null) => {
        const form = { grant_type: 'refresh_token', refresh_token: token ?? '' };
        const response = await doors.form('/oauth/token', form, service);
        return (await response.json()) as Record<string, string>;
      };
      const next = await refresh(tokens.refreshToken);
      expect(decodeJwt(next['id_token'] ?? '')).to.not.have.any.keys('phone_number');
      expect(await userinfo(next['access_token'] ?? '')).to.deep.equal({ sub: user._id, name: 'Alice' });
      await register({ scopes: ['openid', 'offline_access'] });
      const last = await refresh(next['refresh_token'] ?? '');
      expect(await userinfo(last['access_token'] ?? '')).to.deep.equal({ sub: user._id });
    });

    it('cover address and phone by scope', async () => {
      user = await doors.user({ phone: '+14155550101', address: { locality: 'Springfield' } });
      const client = await register({ scopes: ['openid', 'phone', 'address'] });
      const { accessToken } = await issue(client, { scopes: ['openid', 'phone', 'address'] });
      expect(await userinfo(accessToken)).to.deep.equal({
        sub: user._id,
        phone_number: '+14155550101',
        phone_number_verified: false,
        address: { locality: 'Springfield' },
      });
    });
  });

  describe('authorization details (RFC 9396)', () => {
    it('are in the token answer, in the token and at introspection, where their locations say so', async () => {
      const details = [
        { type: 'payment', amount: '10' },
        { type: 'files', locations: ['https://files.example'] },
      ];
      const client = await register({ authorizationDetailsTypes: ['payment', 'files'] });
      const tokens = await issue(client, { authorizationDetails: details });
      expect(tokens.authorizationDetails).to.deep.equal([details[0]]);
      expect((await introspect(tokens.accessToken))['authorization_details']).to.deep.equal([details[0]]);
      const response = await doors.form(
        '/oauth/token',
        { grant_type: 'refresh_token', refresh_token: tokens.refreshToken ?? '' },
        service,
      );
      const body = (await response.json()) as Record<string, unknown>;
      expect(body['authorization_details']).to.deep.equal([details[0]]);
    });
  });

  describe('introspection as a JWT (RFC 9701)', () => {
    it('is signed for its caller and of its own type, as oauth4webapi verifies', async () => {
      const client = await register({ introspectionSignedResponseAlg: 'EdDSA' });
      const { accessToken } = await issue(client);
      const as = server();
      const me = { client_id: SERVICE.id, introspection_signed_response_alg: 'EdDSA' };
      const response = await oauth.introspectionRequest(
        as,
        me,
        oauth.ClientSecretBasic(SERVICE.secret),
        accessToken,
        { requestJwtResponse: true, ...insecure },
      );
      expect(response.headers.get('content-type')).to.match(/^application\/token-introspection\+jwt/);
      const signed = await response.clone().text();
      const facts = await oauth.processIntrospectionResponse(as, me, response);
      await oauth.validateApplicationLevelSignature(as, response, insecure);
      expect(facts).to.include({ active: true, sub: user._id, client_id: SERVICE.id });
      expect(decodeProtectedHeader(signed)).to.include({ alg: 'EdDSA', typ: 'token-introspection+jwt' });
      const payload = decodeJwt(signed);
      expect(payload).to.include({ iss: ISSUER, aud: SERVICE.id });
      expect(payload).to.not.have.any.keys('sub', 'exp', 'active');
      expect((await doors.get('/auth/validate', bearer(signed))).status).to.equal(401);
    });

    it('says of an inactive token nothing but that, and is JSON for whoever does not ask for it', async () => {
      const signed = await doors.form(
        '/oauth/introspect',
        { token: 'garbage' },
        { ...service, accept: 'application/json;q=0.5, application/token-introspection+jwt' },
      );
      const { token_introspection: facts } = decodeJwt(await signed.text());
      expect(facts).to.deep.equal({ active: false });
      for (const accept of ['*/*', 'application/json', 'application/token-introspection+jwt;q=0']) {
        const plain = await doors.form('/oauth/introspect', { token: 'garbage' }, { ...service, accept });
        expect(plain.headers.get('content-type'), accept).to.contain('application/json');
        expect(plain.headers.get('vary'), accept).to.contain('Accept');
      }
    });
  });

  describe('a network restriction', () => {
    const INSIDE = '10.1.2.3';

    it('lets tokens be used from the networks of their client only', async () => {
      const outside = await issue(await register({ allowedNetworks: ['10.0.0.0/8'] }));
      const inside = await issue(await register({ allowedNetworks: ['127.0.0.0/8', '::1/128'] }));
      for (const path of ['/oauth/userinfo', '/auth/validate', '/auth/me']) {
        expect((await doors.get(path, bearer(outside.accessToken))).status, path).to.equal(401);
        expect((await doors.get(path, bearer(inside.accessToken))).status, path).to.equal(200);
      }
      expect(await introspect(outside.accessToken)).to.deep.equal({ active: false });
      expect(await introspect(inside.accessToken)).to.deep.include({
        active: true,
        allowed_networks: ['127.0.0.0/8', '::1/128'],
      });
    });

    it('is about the address that a gateway tells at introspection, where it tells one', async () => {
      const { accessToken } = await issue(await register({ allowedNetworks: ['10.0.0.0/8'] }));
      expect(await introspect(accessToken, { client_address: INSIDE })).to.include({ active: true });
      expect(await introspect(accessToken, { client_address: '203.0.113.9' })).to.deep.equal({
        active: false,
      });
      const wrong = { client_address: 'somewhere' };
      expect(await introspect(accessToken, wrong)).to.include({ error: 'invalid_request' });
    });

    it('does not keep a token from being revoked from outside', async () => {
      const { accessToken } = await issue(await register({ allowedNetworks: ['10.0.0.0/8'] }));
      await doors.form('/oauth/revoke', { token: accessToken }, service);
      expect(await introspect(accessToken, { client_address: INSIDE })).to.deep.equal({ active: false });
    });
  });
});

describe('the cache headers of introspection', () => {
  it('let an active token be remembered as long as configured and as it lives, never an inactive one', async () => {
    const doors = await startDoors({ config: { tokens: { introspectionCacheSeconds: 30 } } });
    const { access_token: token = '' } = await doors.tokens(await doors.user());
    const ask = async (value: string) => {
      const { headers } = await doors.form('/oauth/introspect', { token: value }, service);
      return [headers.get('cache-control'), headers.get('pragma')];
    };
    expect(await ask(token)).to.deep.equal(['private, max-age=30', null]);
    doors.clock.advance(880);
    const [cacheControl] = await ask(token);
    expect(Number(/^private, max-age=(\d+)$/.exec(cacheControl ?? '')?.[1])).to.be.within(15, 20);
    expect(await ask('garbage')).to.deep.equal(['no-store', 'no-cache']);
    await doors.close();
  });
});
