/**
 * One side of the OAuth benchmark in a process of its own: Fieldgate, node-oidc-provider, or Node's server
 * alone. Tells what to call and then,
 * whenever it is asked, the processor time that it has used so far, in microseconds.
 */
import 'reflect-metadata';
import { Writable } from 'node:stream';
import { createApp } from '../../src/app.js';
import { configSchema } from '../../src/config/schema.js';
import { createClient } from '../../src/identity/clients/clients.js';
import { createSession } from '../../src/identity/sessions/sessions.js';
import { issueUserTokens } from '../../src/identity/tokens/issueTokens.js';
import { createLogger } from '../../src/observability/logger.js';
import { answerQuestions } from '../graphql/processorTime.js';
import { startBare } from './bare.js';
import { CHAINS, SCOPES, USER } from './facts.js';
import { startProvider } from './provider.js';

export interface OAuthReady {
  readonly url: string;
  /** The client's Authorization header. */
  readonly basic: string;
  readonly accessToken: string;
  readonly refreshTokens: readonly string[];
  readonly paths: Readonly<Record<'token' | 'introspection' | 'userinfo' | 'jwks' | 'discovery', string>>;
  /** The body of a client credentials request. */
  readonly clientCredentials: string;
}

const [kind = '', ...args] = process.argv.slice(2);
const [folder = '', mongodbUri = ''] = args;
const ORIGIN = { requestId: 'bench', address: '127.0.0.1', userAgent: '' };
// Counted as in production, and never reached.
const UNREACHED = { max: 1_000_000_000, windowSeconds: 60 };

async function startFieldgate(): Promise<OAuthReady> {
  const config = configSchema.parse({
    environment: 'development',
    issuer: 'http://127.0.0.1:3000',
    dataDirectory: folder,
    listen: { port: 0 },
    graphql: { introspection: false, sandbox: false, explorer: false },
    stores: { mongodbUri },
    rateLimits: { general: UNREACHED, token: UNREACHED, account: UNREACHED },
  });
  // Every line is made and thrown away.
  const sink = new Writable({ write: (_line, _encoding, done) => done() });
  const app = await createApp({ config, logger: createLogger(config, { sink }) });
  const { deps } = app;
  const { client, secret } = await createClient(
    deps,
    {
      name: 'bench',
      grantTypes: ['client_credentials', 'authorization_code', 'refresh_token'],
      redirectUris: ['https://app.example/callback'],
      scopes: [...SCOPES],
    },
    { kind: 'system' },
    ORIGIN,
  );
  const user = await deps.models.users.findOne({ _id: USER }).lean();
  if (!user) throw new Error('no user');
  const signIn = async () => {
    const { session } = await createSession(
      deps,
      { user, clientId: client._id, amr: ['pwd'], withCookie: false },
      ORIGIN,
    );
    return issueUserTokens(deps, { user, client, session, scopes: SCOPES });
  };
  const signedIn = await Promise.all(Array.from({ length: CHAINS }, signIn));
  return {
    url: await app.listen(),
    basic: `Basic ${Buffer.from(`${client._id}:${secret ?? ''}`).toString('base64')}`,
    accessToken: signedIn[0]?.accessToken ?? '',
    refreshTokens: signedIn.map(({ refreshToken }) => refreshToken ?? ''),
    paths: {
      token: '/oauth/token',
      introspection: '/oauth/introspect',
      userinfo: '/oauth/userinfo',
      jwks: '/.well-known/jwks.json',
      discovery: '/.well-known/openid-configuration',
    },
    clientCredentials: 'grant_type=client_credentials',
  };
}

const START: Readonly<Record<string, () => Promise<object>>> = {
  fieldgate: startFieldgate,
  'oidc-provider': () => startProvider(mongodbUri),
  bare: () => startBare(args),
};

answerQuestions((await START[kind]?.()) ?? {});
