import type { FastifyInstance } from 'fastify';
import { createHttpServer } from '../../src/http/server.js';
import { upsertDeclaredClients } from '../../src/identity/clients/declaredClients.js';
import { ensureFirstPartyClient } from '../../src/identity/clients/firstPartyClient.js';
import { createOutbox, type Outbox } from '../../src/identity/messages/outbox.js';
import type { User } from '../../src/models/user.js';
import { mountOAuth } from '../../src/oauth/mount.js';
import { defineCatalog } from '../../src/policies/catalog.js';
import { mountOperations } from '../../src/rest/health.js';
import { mountRest } from '../../src/rest/mount.js';
import {
  type ConfigInput,
  createTestDeps,
  storeUser,
  type TestDeps,
  type TestDepsOptions,
} from '../support/deps.js';

export const PASSWORD = 'a long walk over the hills';
export const SERVICE = { id: 'service', secret: 'service-secret-0123456789-abcdef' };
export const OTHER = { id: 'other-service', secret: 'other-secret-0123456789-abcdefgh' };

/** A confidential first-party client with every grant, another confidential one, a public one, and one of a third party. */
const CLIENTS: NonNullable<ConfigInput['clients']> = [
  {
    clientId: SERVICE.id,
    secret: SERVICE.secret,
    firstParty: true,
    grantTypes: ['password', 'refresh_token', 'client_credentials'],
    scopes: ['openid', 'profile', 'email', 'phone', 'offline_access', 'read', 'write'],
    roles: ['user'],
  },
  {
    clientId: OTHER.id,
    secret: OTHER.secret,
    tokenEndpointAuthMethod: 'client_secret_post',
    grantTypes: ['refresh_token', 'client_credentials'],
    scopes: ['read'],
  },
  {
    clientId: 'spa',
    firstParty: true,
    tokenEndpointAuthMethod: 'none',
    grantTypes: ['password', 'refresh_token'],
    scopes: ['openid', 'offline_access', 'read'],
  },
  {
    clientId: 'third-party',
    secret: 'third-party-secret-0123456789-abc',
    grantTypes: ['password', 'client_credentials'],
    scopes: ['read'],
  },
];

export interface Doors extends TestDeps {
  app: FastifyInstance;
  url: string;
  outbox: Outbox;
  form(
    path: string,
    parameters: Record<string, string> | string,
    headers?: Record<string, string>,
  ): Promise<Response>;
  json(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** An account that can sign in with PASSWORD. */
  user(fields?: Partial<User>): Promise<User>;
  /** Tokens of the password grant for that user. */
  tokens(user: User, scope?: string): Promise<Record<string, string>>;
}

/** The OAuth and REST doors on real stores, without GraphQL. Limits are off unless the test asks for them. */
export async function startDoors(
  options: TestDepsOptions & { pingDatabase?: () => Promise<void> } = {},
): Promise<Doors> {
  const test = await createTestDeps({
    ...options,
    config: { rateLimits: { enabled: false }, clients: CLIENTS, ...options.config },
  });
  const { deps } = test;
  await ensureFirstPartyClient(deps);
  await upsertDeclaredClients(deps);
  const outbox = createOutbox();
  const app = await createHttpServer(deps);
  await mountOAuth(app, deps);
  await mountRest(app, deps, CATALOG);
  mountOperations(app, deps, { pingDatabase: options.pingDatabase ?? (() => Promise.resolve()), outbox });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  const form: Doors['form'] = (path, parameters, headers = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  return {
    ...test,
    app,
    url,
    outbox,
    form,
    json: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    user: async (fields = {}) =>
      storeUser(deps, { passwordHash: await deps.passwords.hash(PASSWORD), ...fields }),
    tokens: async (user, scope) => {
      const response = await form(
        '/oauth/token',
        {
          grant_type: 'password',
          username: user.email ?? '',
          password: PASSWORD,
          ...(scope !== undefined && { scope }),
        },
        basic(SERVICE.id, SERVICE.secret),
      );
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as Record<string, string>;
    },
    close: async () => {
      await app.close();
      await test.close();
    },
  };
}

/** RFC 6749 §2.3.1 */
export function basic(id: string, secret: string): Record<string, string> {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
  return { authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}` };
}

export const bearer = (token: string | undefined): Record<string, string> => ({
  authorization: `Bearer ${token}`,
});

/** The cookies that an answer sets, as a request brings them back. */
export const cookiesOf = ({ headers }: { readonly headers: Headers }): string =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');

/** Status, headers that do not change from request to request, and body: what a prober could compare. */
export async function observable(response: Response): Promise<unknown> {
  const headers = Object.fromEntries(response.headers);
  for (const name of ['date', 'x-request-id']) delete headers[name];
  const text = (await response.text()).replaceAll(/"(requestId|request_id)":"[^"]+"/g, '"id"');
  return { status: response.status, headers, text };
}

export const CATALOG = defineCatalog({
  User: {
    fields: {
      id: 'string',
      email: 'string',
      name: 'string',
      lockReason: 'string',
      createdAt: 'date',
      roles: { kind: 'list', path: 'roleAssignments.role' },
    },
  },
});
