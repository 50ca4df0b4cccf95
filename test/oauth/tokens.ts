import { createHmac } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { Doors } from '../http/doors.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

type CryptoKeyLike = Parameters<typeof exportSPKI>[0];

/** Every access token that must be refused although it looks like the good one, by what is wrong with it. */
export async function forgeries(doors: Doors, good: string): Promise<[title: string, token: string][]> {
  const header = decodeProtectedHeader(good) as JWTHeaderParameters;
  const payload = decodeJwt(good);
  const [head = '', body = '', signature = ''] = good.split('.');
  const jwk = doors.deps.keys.publicJwks().keys.find((key) => key.kid === header.kid);
  if (!jwk) throw new Error('the key of the token is not published');
  const publicPem = await exportSPKI((await importJWK({ ...jwk }, header.alg)) as CryptoKeyLike);
  const foreign = await generateKeyPair(header.alg);

  const foreignSigned = (claims: JWTPayload, extra: object = {}) =>
    new SignJWT(claims).setProtectedHeader({ ...header, ...extra }).sign(foreign.privateKey);
  const hmac = (secret: string, extra: object = {}) => {
    const input = `${encode({ ...header, alg: 'HS256', ...extra })}.${body}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  // Signed with our own key: right in everything but the one claim.
  const ours = (claims: object, typ = 'at+jwt') => doors.deps.keys.sign({ ...payload, ...claims }, { typ });
  const now = Math.floor(doors.clock().getTime() / 1000);

  return [
    ['nothing but dots', '..'],
    ['garbage', 'garbage'],
    ['alg none', `${encode({ ...header, alg: 'none' })}.${body}.`],
    ['alg None with the old signature', `${encode({ ...header, alg: 'None' })}.${body}.${signature}`],
    ['HS256 with the public key as PEM', hmac(publicPem)],
    ['HS256 with the public key as JWK', hmac(JSON.stringify(jwk))],
    ['HS256 with an empty key and a kid of a path', hmac('', { kid: '../../../../dev/null' })],
    ['a kid of a path', await foreignSigned(payload, { kid: '../../etc/passwd' })],
    ['a kid of an operator', await foreignSigned(payload, { kid: '{"$ne":null}' })],
    ['no kid', await foreignSigned(payload, { kid: undefined })],
    ['another key under our kid', await foreignSigned(payload)],
    ['its own key in the header', await foreignSigned(payload, { jwk: { ...jwk } })],
    ['a key to be fetched', await foreignSigned(payload, { jku: 'http://127.0.0.1:9/jwks.json' })],
    ['an unknown critical header', `${encode({ ...header, crit: ['x'], x: 1 })}.${body}.${signature}`],
    ['a changed claim', `${head}.${encode({ ...payload, sub: 'somebody-else' })}.${signature}`],
    ['a cut signature', good.slice(0, -4)],
    ['no signature', `${head}.${body}.`],
    ['another issuer', await ours({ iss: 'https://evil.example' })],
    ['another type', await ours({}, 'JWT')],
    ['an end in the past', await ours({ exp: now - 1 })],
    ['a beginning in the future', await ours({ nbf: now + 3600 })],
    ['a subject that is an operator', await ours({ sub: { $ne: null } })],
    ['a subject that does not exist', await ours({ sub: '0192f000-0000-7000-8000-000000000000' })],
  ];
}

/** A token of ours for another resource server: good, but not for this API. */
export function forAnotherAudience(doors: Doors, good: string): Promise<string> {
  return doors.deps.keys.sign({ ...decodeJwt(good), aud: 'https://another.example' }, { typ: 'at+jwt' });
}
