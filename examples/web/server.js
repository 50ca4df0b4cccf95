// A server-side app: the tokens never leave the server, the browser holds the key of a session and nothing else.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import * as oidc from 'openid-client';
import { callbackPage, homePage, notesPage } from './pages.js';

const {
  ISSUER = 'http://127.0.0.1:3000',
  API_URL = 'http://127.0.0.1:4000',
  AUDIENCE = 'https://notes.example',
  CLIENT_ID = 'notes-web',
  CLIENT_SECRET = 'notes-web-secret-for-your-own-machine',
  PORT = '4001',
} = process.env;

const ORIGIN = `http://127.0.0.1:${PORT}`;
const SCOPE = 'openid profile email offline_access notes:read notes:write';
/** A token is renewed so long before its end that the request that it is for still finds it good. */
const RENEW_BEFORE_SECONDS = 30;

const config = await oidc.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  undefined,
  oidc.ClientSecretBasic(CLIENT_SECRET),
  // https everywhere but on one's own machine.
  { execute: new URL(ISSUER).hostname === '127.0.0.1' ? [oidc.allowInsecureRequests] : [] },
);

/** What the server knows of a browser, by its cookie: the sign-in under way, then the person and their tokens. */
const sessions = new Map();

const routes = {
  'GET /': ({ session }) => ({ page: homePage(session?.person) }),

  async 'GET /sign-in'() {
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const started = { codeVerifier, state: oidc.randomState(), nonce: oidc.randomNonce() };
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${ORIGIN}/callback`,
      scope: SCOPE,
      resource: AUDIENCE,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state: started.state,
      nonce: started.nonce,
    });
    return { redirect: url.href, startSession: { started } };
  },

  async 'GET /callback'({ session, url }) {
    const started = session?.started;
    if (!started) return { redirect: '/' };
    if (url.searchParams.get('error') === 'access_denied')
      return { page: callbackPage('You did not allow it.') };
    // Checks state, iss (RFC 9207), the ID token's signature, audience and nonce, then redeems the code.
    const tokens = await oidc.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: started.codeVerifier,
      expectedState: started.state,
      expectedNonce: started.nonce,
      idTokenExpected: true,
    });
    // A new key for the signed-in session: whoever planted the old one gains nothing.
    return { redirect: '/notes', startSession: { person: tokens.claims(), tokens: kept(tokens) } };
  },

  async 'GET /notes'({ session }) {
    if (!session?.tokens) return { redirect: '/sign-in' };
    return { page: notesPage(session, await callApi(session, 'GET')) };
  },

  async 'POST /notes'({ session, form }) {
    if (!session?.tokens) return { redirect: '/sign-in' };
    if (form.get('csrf') !== session.csrf) return { status: 403, page: callbackPage('Please try again.') };
    await callApi(session, 'POST', form.get('text') ?? '');
    return { redirect: '/notes' };
  },

  async 'POST /sign-out'({ session, form }) {
    if (!session?.tokens || form.get('csrf') !== session.csrf) return { redirect: '/' };
    await oidc.tokenRevocation(config, session.tokens.refreshToken);
    const url = oidc.buildEndSessionUrl(config, {
      id_token_hint: session.tokens.idToken,
      post_logout_redirect_uri: `${ORIGIN}/`,
    });
    return { redirect: url.href, endSession: true };
  },
};

async function callApi(session, method, body) {
  const accessToken = await freshAccessToken(session);
  const answer = await oidc.fetchProtectedResource(
    config,
    accessToken,
    new URL('/notes', API_URL),
    method,
    body,
  );
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  return (await answer.json()).notes;
}

/** One refresh at a time and session: a refresh token is exchanged once, and its successor kept. */
async function freshAccessToken(session) {
  if (session.tokens.expiresAt - RENEW_BEFORE_SECONDS * 1000 > Date.now()) return session.tokens.accessToken;
  session.refresh ??= refresh(session).finally(() => {
    session.refresh = undefined;
  });
  await session.refresh;
  return session.tokens.accessToken;
}

async function refresh(session) {
  const tokens = await oidc.refreshTokenGrant(config, session.tokens.refreshToken, { resource: AUDIENCE });
  session.tokens = { ...session.tokens, ...kept(tokens) };
}

function kept(tokens) {
  return {
    accessToken: tokens.access_token,
    expiresAt: Date.now() + (tokens.expiresIn() ?? 0) * 1000,
    ...(tokens.refresh_token && { refreshToken: tokens.refresh_token }),
    ...(tokens.id_token && { idToken: tokens.id_token }),
  };
}

async function handle(request, response) {
  const url = new URL(request.url, ORIGIN);
  const route = routes[`${request.method} ${url.pathname}`];
  if (!route) return response.writeHead(404).end();
  const key = /(?:^|; )notes_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const form = new URLSearchParams(request.method === 'POST' ? await textOf(request) : '');
  const answer = await route({ session: sessions.get(key), url, form });
  response.setHeader('Cache-Control', 'no-store');
  if (answer.startSession || answer.endSession) sessions.delete(key);
  if (answer.startSession) {
    const fresh = randomBytes(32).toString('base64url');
    sessions.set(fresh, { ...answer.startSession, csrf: randomBytes(16).toString('base64url') });
    // On https: __Host-notes_session and Secure. Lax, so that it comes along when the sign-in leads back here.
    response.setHeader('Set-Cookie', `notes_session=${fresh}; Path=/; HttpOnly; SameSite=Lax`);
  }
  if (answer.redirect) return response.writeHead(303, { Location: answer.redirect }).end();
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'",
  };
  return response.writeHead(answer.status ?? 200, headers).end(answer.page);
}

async function textOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 10_000) throw new Error('too long a form');
  }
  return text;
}

createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    response
      .writeHead(500, { 'Content-Type': 'text/html; charset=utf-8' })
      .end(callbackPage('That did not work.'));
  });
}).listen(Number(PORT), '127.0.0.1', () => console.log(`The app listens on ${ORIGIN}`));
