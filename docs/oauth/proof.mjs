// A DPoP proof (RFC 9449 §4.2): node docs/oauth/proof.mjs KEYFILE METHOD URL [ACCESS_TOKEN]. Makes the key when the file is empty.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';

const [file, htm, htu, token] = process.argv.slice(2);
let jwk = readFileSync(file, 'utf8');
if (jwk === '') {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  jwk = JSON.stringify(await exportJWK(privateKey));
  writeFileSync(file, jwk, { mode: 0o600 });
}
const { d: _secret, ...publicJwk } = JSON.parse(jwk);
const ath = token && createHash('sha256').update(token).digest('base64url');
const proof = new SignJWT({ htm, htu, jti: randomUUID(), ...(ath && { ath }) })
  .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk })
  .setIssuedAt();
process.stdout.write(`${await proof.sign(await importJWK(JSON.parse(jwk), 'ES256'))}\n`);
