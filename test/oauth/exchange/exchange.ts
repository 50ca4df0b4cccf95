import { setTimeout } from 'node:timers/promises';
import type { AuditEvent } from '../../../src/models/auditEvent.js';
import { createVisitor } from '../../pages/visitor.js';
import { type Person, startApp, type TestApp } from '../../support/app.js';
import type { ConfigInput } from '../../support/deps.js';
import { authorize, CALLBACK, requestOf } from '../authorize/flow.js';

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';

export const secretOf = (clientId: string): string => `${clientId}-secret-0123456789-abcdefghijk`;
export const basicOf = (clientId: string): [string, string] => [clientId, secretOf(clientId)];

const confidential = (clientId: string, roles: string[], scopes: string[], more: string[] = []) => ({
  clientId,
  secret: secretOf(clientId),
  grantTypes: [EXCHANGE_GRANT, 'client_credentials', ...more] as never[],
  redirectUris: more.includes('authorization_code') ? [CALLBACK] : [],
  roles,
  scopes,
});

/** An app with users, services behind it that act for them, one that may impersonate, and some that may not exchange. */
const CLIENTS: NonNullable<ConfigInput['clients']> = [
  confidential('web', [], ['openid', 'email', 'account', 'users:read', 'orders'], ['authorization_code']),
  confidential('orders', ['servicereader'], ['email', 'users:read', 'orders']),
  confidential('billing', ['servicereader'], ['email', 'orders']),
  confidential('desk', ['deskhand'], ['email', 'account', 'orders']),
  confidential('mute', [], ['email', 'account', 'orders']),
  confidential('twin', ['impersonator'], ['account', 'email']),
  {
    ...confidential('shy', [], ['email', 'orders']),
    subjectType: 'pairwise',
    sectorIdentifierUri: 'https://shy.example/sector.json',
  },
  {
    clientId: 'plain',
    secret: secretOf('plain'),
    grantTypes: ['client_credentials'],
    scopes: ['orders'],
  },
  {
    clientId: 'spa',
    tokenEndpointAuthMethod: 'none',
    grantTypes: ['authorization_code', EXCHANGE_GRANT],
    redirectUris: ['https://spa.example/callback'],
    scopes: ['openid', 'email', 'account'],
  },
];

export const ORDERS_API = 'https://orders.example';
export const BILLING_API = 'https://billing.example';
/** It knows nothing but HS256. */
export const LEGACY_API = 'https://legacy.example';
export const LEGACY_SECRET = 'legacy-secret-0123456789-abcdefghijk-lmnop';

export const startExchange = (over: ConfigInput = {}): Promise<TestApp> =>
  startApp({
    clients: CLIENTS,
    scopes: [{ name: 'orders', description: 'See your orders', rules: [] }],
    resources: [
      { identifier: ORDERS_API, scopes: ['orders'], accessTokenTtlSeconds: 300 },
      { identifier: BILLING_API, scopes: ['email'] },
      {
        identifier: LEGACY_API,
        scopes: ['orders'],
        signingAlgorithm: 'HS256',
        sharedSecret: LEGACY_SECRET,
      },
    ],
    roles: [
      {
        name: 'servicereader',
        rules: [{ id: 'read', actions: ['read'], subject: 'User', fields: ['id', 'email', 'emailVerified'] }],
      },
      {
        name: 'deskhand',
        rules: [
          { id: 'see', actions: ['read'], subject: 'User', fields: ['id', 'nickname'] },
          { id: 'rename', actions: ['update'], subject: 'User', fields: ['nickname'] },
          { id: 'readTrail', actions: ['read', 'list'], subject: 'AuditEvent', fields: ['*'] },
          { id: 'seeSessions', actions: ['read'], subject: 'Session', fields: ['id'] },
          { id: 'signOut', actions: ['revoke'], subject: 'Session', fields: ['*'] },
        ],
      },
      {
        name: 'impersonator',
        rules: [
          { id: 'see', actions: ['read'], subject: 'User', fields: ['id'] },
          {
            id: 'impersonate',
            actions: ['impersonate'],
            subject: 'User',
            fields: ['*'],
            conditions: { status: 'active' },
          },
        ],
      },
    ],
    ...over,
  });

export interface UserTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly person: Person;
}

/** A person who has signed in to a client by the code flow and allowed everything. */
export async function signedInTo(
  app: TestApp,
  clientId: string,
  scope: string,
  over: { person?: Person; resource?: string; redirectUri?: string } = {},
): Promise<UserTokens> {
  const person = over.person ?? (await app.signUpAndConfirm());
  const redirectUri = over.redirectUri ?? CALLBACK;
  const { path, verifier } = requestOf({
    client_id: clientId,
    scope,
    redirect_uri: redirectUri,
    resource: over.resource,
  });
  const code = (await authorize(app, createVisitor(app), path, person)).get('code') ?? '';
  const isPublic = clientId === 'spa';
  const { status, body, text } = await app.rest('/oauth/token', {
    form: {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...(isPublic && { client_id: clientId }),
    },
    ...(!isPublic && { basic: basicOf(clientId) }),
  });
  if (status !== 200) throw new Error(`no tokens: ${text}`);
  return { accessToken: body.access_token, idToken: body.id_token, person };
}

/** A client's own token. */
export async function ownToken(app: TestApp, clientId: string, scope = 'orders'): Promise<string> {
  const form = { grant_type: 'client_credentials', scope };
  const { body, text } = await app.rest('/oauth/token', { form, basic: basicOf(clientId) });
  if (!body.access_token) throw new Error(`no token: ${text}`);
  return body.access_token as string;
}

export function exchange(app: TestApp, clientId: string, over: Record<string, string>) {
  return app.rest('/oauth/token', {
    form: { grant_type: EXCHANGE_GRANT, subject_token_type: ACCESS_TOKEN, ...over },
    basic: basicOf(clientId),
  });
}

/** As a service that acts for the person: the actor token is its own. */
export async function delegate(
  app: TestApp,
  clientId: string,
  subjectToken: string,
  over: Record<string, string> = {},
) {
  return exchange(app, clientId, {
    subject_token: subjectToken,
    actor_token: await ownToken(app, clientId),
    actor_token_type: ACCESS_TOKEN,
    ...over,
  });
}

/** The newest event of an action about an object; events that are written soon are waited for. */
export async function auditEvent(
  app: TestApp,
  action: string,
  objectId: string,
  more: Partial<AuditEvent> = {},
): Promise<AuditEvent | null> {
  for (let tries = 0; tries < 40; tries += 1) {
    const event = await app.deps.models.auditEvents
      .findOne({ action, objectId, ...more })
      .sort({ _id: -1 })
      .lean<AuditEvent>();
    if (event) return event;
    // They are written by the real clock, within 50 ms.
    await setTimeout(25);
  }
  return null;
}
