import { randomBytes } from 'node:crypto';
import { createVisitor, type Visitor } from '../../pages/visitor.js';
import { GOOD_PASSWORD, type Person, type StartOptions, startApp, type TestApp } from '../../support/app.js';
import type { ConfigInput } from '../../support/deps.js';
import { digestOf } from '../../support/digest.js';
import type { Answer } from '../../support/http.js';

export const CALLBACK = 'https://app.example/callback';
export const WEB_SECRET = 'web-secret-0123456789-abcdefghijk';

const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'account'];

/** A third party's server-side app, another one, one of the house, a browser app and a native app. */
const CLIENTS: NonNullable<ConfigInput['clients']> = [
  {
    clientId: 'web',
    name: 'Photo Book',
    secret: WEB_SECRET,
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: [CALLBACK, 'https://app.example/second?tenant=1', 'http://127.0.0.1/web'],
    postLogoutRedirectUris: ['https://app.example/bye'],
    scopes: SCOPES,
  },
  {
    clientId: 'other',
    name: 'Other App',
    secret: 'other-secret-0123456789-abcdefghi',
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: [CALLBACK],
    scopes: SCOPES,
  },
  {
    clientId: 'house',
    secret: 'house-secret-0123456789-abcdefghi',
    firstParty: true,
    grantTypes: ['authorization_code'],
    redirectUris: ['https://house.example/callback'],
    scopes: SCOPES,
  },
  {
    clientId: 'spa',
    tokenEndpointAuthMethod: 'none',
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: ['https://spa.example/callback'],
    scopes: SCOPES,
  },
  {
    clientId: 'native',
    tokenEndpointAuthMethod: 'none',
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'com.example.app:/callback'],
    scopes: SCOPES,
  },
  {
    clientId: 'machine',
    secret: 'machine-secret-0123456789-abcdefg',
    grantTypes: ['client_credentials'],
    redirectUris: [CALLBACK],
    scopes: ['openid'],
  },
];

export const startFlows = (over: ConfigInput = {}, options: StartOptions = {}): Promise<TestApp> =>
  startApp({ clients: CLIENTS, ...over }, options);

/** RFC 7636 §4.2, S256. */
export const challengeOf = digestOf;

/** The parameters of an authorization request that nothing is wrong with, and the verifier to its challenge. */
export function parametersOf(over: Record<string, string | undefined> = {}): {
  parameters: Record<string, string>;
  verifier: string;
} {
  const verifier = randomBytes(32).toString('base64url');
  const parameters: Record<string, string | undefined> = {
    client_id: 'web',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    ...over,
  };
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { parameters: Object.fromEntries(given), verifier };
}

export const authorizePath = (parameters: Record<string, string>): string =>
  `/oauth/authorize?${new URLSearchParams(parameters).toString()}`;

/** The same as the address of a browser. */
export function requestOf(over: Record<string, string | undefined> = {}): { path: string; verifier: string } {
  const { parameters, verifier } = parametersOf(over);
  return { path: authorizePath(parameters), verifier };
}

/** Goes where a browser without scripts goes by itself, as long as that is ours; answers with the last page or redirect. */
export async function follow(app: TestApp, visitor: Visitor, first: Answer<string>): Promise<Answer<string>> {
  let answer = first;
  for (let hops = 0; hops < 10; hops += 1) {
    const next = nextOf(answer);
    if (next === null || !new URL(next, app.url).href.startsWith(app.url)) return answer;
    answer = await visitor.open(next);
  }
  throw new Error('the browser goes round in circles');
}

/** The address that an answer sends the browser to. */
export function nextOf(answer: Answer<string>): string | null {
  const refresh = /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(answer.text)?.[1];
  return answer.headers.get('location') ?? refresh?.replaceAll('&amp;', '&') ?? null;
}

/** What the client is told, wherever in its address it stands. */
export function answerOf(answer: Answer<string>): URLSearchParams {
  const url = new URL(nextOf(answer) ?? '');
  return url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1));
}

/** A browser with somebody signed in by the page. */
export async function signedInVisitor(
  app: TestApp,
  person?: Person,
): Promise<{ visitor: Visitor; person: Person }> {
  const who = person ?? (await app.signUpAndConfirm());
  const visitor = createVisitor(app);
  await visitor.send(await visitor.open('/sign-in'), { identifier: who.email, password: who.password });
  return { visitor, person: who };
}

export const ALLOW = { 'choice.allow': '1', 'choice.scope.email': '1', 'choice.scope.profile': '1' };

/** The whole way: sign-in where it is asked for, consent to everything, the client's answer. */
export async function authorize(
  app: TestApp,
  visitor: Visitor,
  path: string,
  person?: Person,
): Promise<URLSearchParams> {
  let page = await follow(app, visitor, await visitor.open(path));
  if (page.text.includes('<h1>Sign in</h1>')) {
    const typed = { identifier: person?.email ?? '', password: person?.password ?? GOOD_PASSWORD };
    page = await follow(app, visitor, await visitor.send(page, typed));
  }
  if (page.text.includes('<h1>Allow ')) {
    page = await follow(app, visitor, await visitor.send(page, allowAll(page)));
  }
  if (nextOf(page) === null) throw new Error(`no answer for the client:\n${page.status} ${page.text}`);
  return answerOf(page);
}

/** Every box ticked. */
export function allowAll(page: Answer<string>): Record<string, string> {
  const boxes = [...page.text.matchAll(/type="checkbox" id="[^"]*" name="([^"]*)"/g)];
  return { 'choice.allow': '1', ...Object.fromEntries(boxes.map(([, name = '']) => [name, '1'])) };
}

/** Redeems a code as the client `web` unless told otherwise. */
export function redeem(
  app: TestApp,
  code: string | null,
  verifier: string,
  over: Record<string, string> = {},
  basic: [string, string] | null = ['web', WEB_SECRET],
) {
  return app.rest('/oauth/token', {
    form: {
      grant_type: 'authorization_code',
      code: code ?? '',
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      ...over,
    },
    ...(basic && { basic }),
  });
}
