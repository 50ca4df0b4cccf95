// An API that knows nothing of users and passwords: it validates access tokens and looks at their scopes.
import { createServer } from 'node:http';
import { createTokenValidator, Refusal } from './tokens.js';

const {
  ISSUER = 'http://127.0.0.1:3000',
  AUDIENCE = 'https://notes.example',
  PORT = '4000',
  SPA_ORIGIN = 'http://127.0.0.1:4002',
  JWKS_URI = `${ISSUER}/.well-known/jwks.json`,
} = process.env;

const validate = createTokenValidator({ issuer: ISSUER, audience: AUDIENCE, jwksUri: JWKS_URI });

/** The notes of each person, by the subject of their tokens. */
const notes = new Map();

const routes = {
  'GET /notes': { scope: 'notes:read', handle: (owner) => notes.get(owner) ?? [] },
  'POST /notes': {
    scope: 'notes:write',
    handle(owner, text) {
      notes.set(owner, [...(notes.get(owner) ?? []), text.slice(0, 1000)]);
      return notes.get(owner);
    },
  },
};

createServer((request, response) => {
  // The browser-only app is of another origin; it sends a token, never a cookie, so no credentials are allowed.
  response.setHeader('Access-Control-Allow-Origin', SPA_ORIGIN);
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, DPoP, Content-Type');
  response.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate');
  response.setHeader('Cache-Control', 'no-store');
  if (request.method === 'OPTIONS') response.writeHead(204).end();
  else void answer(request, response);
}).listen(Number(PORT), '127.0.0.1', () => console.log(`The API listens on http://127.0.0.1:${PORT}`));

async function answer(request, response) {
  const send = (status, body, headers = {}) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  const route = routes[`${request.method} ${request.url}`];
  if (!route) return send(404, { error: 'not_found' });
  try {
    const { subject } = await validate(request, route.scope);
    return send(200, { notes: route.handle(subject, await textOf(request)) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return send(error.status, { error: error.code }, { 'WWW-Authenticate': error.challenge });
  }
}

async function textOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 10_000) throw new Refusal(413, 'invalid_request');
  }
  return text;
}
