// A program without a browser: it shows an address and a code, waits until somebody allowed it there, and goes on.
import * as oidc from 'openid-client';

const {
  ISSUER = 'http://127.0.0.1:3000',
  API_URL = 'http://127.0.0.1:4000',
  AUDIENCE = 'https://notes.example',
  CLIENT_ID = 'notes-cli',
} = process.env;

const [command, ...words] = process.argv.slice(2);
if (command !== 'list' && command !== 'add') {
  console.error('Usage: notes.js list | notes.js add TEXT');
  process.exit(64);
}

const config = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.None(), {
  // https everywhere but on one's own machine.
  execute: new URL(ISSUER).hostname === '127.0.0.1' ? [oidc.allowInsecureRequests] : [],
});

const device = await oidc.initiateDeviceAuthorization(config, {
  scope: 'openid profile notes:read notes:write',
  resource: AUDIENCE,
});
console.error(`Open ${device.verification_uri} and enter ${device.user_code}`);
console.error(`or open ${device.verification_uri_complete}`);

// RFC 8628 §3.5: asks no faster than it is told to, and gives up when the code has expired.
const tokens = await oidc
  .pollDeviceAuthorizationGrant(config, device, { resource: AUDIENCE })
  .catch((error) => {
    console.error(error.error === 'access_denied' ? 'You did not allow it.' : error.message);
    process.exit(1);
  });

const [method, body] = command === 'add' ? ['POST', words.join(' ')] : ['GET', undefined];
const url = new URL('/notes', API_URL);
const answer = await oidc.fetchProtectedResource(config, tokens.access_token, url, method, body);
if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
const { notes } = await answer.json();
for (const note of notes) console.log(`- ${note}`);
