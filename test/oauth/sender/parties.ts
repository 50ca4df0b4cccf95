import { randomUUID } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { startApp, type TestApp } from '../../support/app.js';
import type { ConfigInput } from '../../support/deps.js';

export const MACHINE: [string, string] = ['machine', 'machine-secret-0123456789-abcdefg'];

const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'account'];

/** A confidential client, and a public one of the house. */
const CLIENTS: NonNullable<ConfigInput['clients']> = [
  {
    clientId: MACHINE[0],
    secret: MACHINE[1],
    firstParty: true,
    grantTypes: ['client_credentials', 'password', 'refresh_token', 'authorization_code'],
    redirectUris: ['https://machine.example/callback'],
    scopes: SCOPES,
    roles: ['user'],
  },
  {
    clientId: 'spa',
    tokenEndpointAuthMethod: 'none',
    firstParty: true,
    grantTypes: ['password', 'refresh_token', 'authorization_code'],
    redirectUris: ['https://spa.example/callback'],
    scopes: SCOPES,
  },
];

export const PARTIES: ConfigInput = { clients: CLIENTS, graphql: { explorer: false } };

export const startParties = (over: ConfigInput = {}): Promise<TestApp> => startApp({ ...PARTIES, ...over });

export interface Holder {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly thumbprint: string;
}

export async function makeHolder(alg = 'ES256'): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  return { privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

type Claims = Record<string, unknown>;

const withoutGaps = (claims: Claims): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));

/** A DPoP proof that nothing is wrong with; `over` wins, undefined leaves out. */
export function proofOf(
  app: TestApp,
  { privateKey, publicJwk }: Holder,
  request: { htm: string; path: string },
  over: Claims = {},
  header: Claims = {},
): Promise<string> {
  const iat = Math.floor(app.clock().getTime() / 1000);
  const htu = `${app.config.issuer}${request.path}`;
  return new SignJWT(withoutGaps({ jti: randomUUID(), htm: request.htm, htu, iat, ...over }))
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk, ...header })
    .sign(privateKey);
}

/** An assertion of private_key_jwt that nothing is wrong with. */
export function assertionOf(
  app: TestApp,
  clientId: string,
  { privateKey }: Holder,
  over: Claims = {},
  header: Claims = {},
): Promise<string> {
  const iat = Math.floor(app.clock().getTime() / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: app.config.issuer,
    iat,
    exp: iat + 60,
    jti: randomUUID(),
  };
  return new SignJWT(withoutGaps({ ...claims, ...over }))
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(privateKey);
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export const asserted = (client_assertion: string): Record<string, string> => ({
  client_assertion,
  client_assertion_type: ASSERTION_TYPE,
});

/** The same client with another way of proving itself. */
export async function change(app: TestApp, clientId: string, fields: Claims): Promise<void> {
  await app.deps.models.clients.updateOne({ _id: clientId }, { $set: fields });
}
