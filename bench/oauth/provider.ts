import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { MongoClient } from 'mongodb';
import { Provider } from 'oidc-provider';
import type { OAuthReady } from './child.js';
import { CHAINS, RESOURCE, SCOPES, USER } from './facts.js';
import { mongoAdapter } from './mongoAdapter.js';

const CLIENT_ID = 'bench';
const SECRET = 'a-secret-of-the-benchmark-that-is-long-enough-0123456789';
const BASIC = `Basic ${Buffer.from(`${CLIENT_ID}:${SECRET}`).toString('base64')}`;

/**
 * node-oidc-provider as one would run it for the same work: RS256, clients, grants and tokens in the same MongoDB-compatible
 * server, JWT access tokens for a resource, rotated refresh tokens. What it can only introspect when it is opaque is opaque.
 */
export async function startProvider(mongodbUri: string): Promise<OAuthReady> {
  const mongo = await new MongoClient(mongodbUri).connect();
  const database = mongo.db();
  const Adapter = mongoAdapter(database);
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const users = database.collection<{ _id: string; name: string; email: string }>('users');
  const provider = new Provider('http://127.0.0.1:3001', {
    adapter: Adapter,
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'bench' }] },
    cookies: { keys: ['bench'] },
    scopes: [...SCOPES, 'offline_access'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    rotateRefreshToken: true,
    ttl: { AccessToken: 900, ClientCredentials: 900, RefreshToken: 86_400, Grant: 86_400, IdToken: 900 },
    async findAccount(_context: unknown, id: string) {
      const user = await users.findOne({ _id: id });
      return user && { accountId: id, claims: () => ({ sub: id, name: user.name, email: user.email }) };
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'api',
          audience: RESOURCE,
          accessTokenTTL: 900,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  await new Adapter('Client').upsert(CLIENT_ID, {
    client_id: CLIENT_ID,
    client_secret: SECRET,
    grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
    redirect_uris: ['https://app.example/callback'],
    token_endpoint_auth_method: 'client_secret_basic',
  });
  const server = createServer(provider.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const client = await provider.Client.find(CLIENT_ID);
  const scope = SCOPES.join(' ');
  const grant = new provider.Grant({ accountId: USER, clientId: CLIENT_ID });
  grant.addOIDCScope(`${scope} offline_access`);
  grant.addResourceScope(RESOURCE, 'api');
  const grantId = await grant.save();
  const facts = { accountId: USER, client, grantId, claims: {}, gty: 'authorization_code' };
  const refreshTokens = await Promise.all(
    Array.from({ length: CHAINS }, () =>
      new provider.RefreshToken({
        ...facts,
        scope: `${scope} offline_access api`,
        resource: RESOURCE,
        iiat: Math.floor(Date.now() / 1000),
        rotations: 0,
      }).save(),
    ),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    basic: BASIC,
    accessToken: await new provider.AccessToken({ ...facts, scope }).save(),
    refreshTokens,
    paths: {
      token: '/token',
      introspection: '/token/introspection',
      userinfo: '/me',
      jwks: '/jwks',
      discovery: '/.well-known/openid-configuration',
    },
    clientCredentials: 'grant_type=client_credentials&scope=api',
  };
}
