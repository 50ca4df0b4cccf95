import { createClient, type NewClient } from '../../../src/identity/clients/clients.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import type { Confirmation } from '../../../src/identity/tokens/accessToken.js';
import { issueUserTokens } from '../../../src/identity/tokens/issueTokens.js';
import { refreshTokens } from '../../../src/identity/tokens/refreshTokens.js';
import { type TokenSet } from '../../../src/identity/tokens/tokenGrant.js';
import type { Client } from '../../../src/models/client.js';
import type { Session } from '../../../src/models/session.js';
import type { User } from '../../../src/models/user.js';
import { ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';

const SYSTEM = { kind: 'system' } as const;

export interface SignedIn {
  user: User;
  client: Client;
  session: Session;
  cookieValue: string | null;
  tokens: TokenSet;
  refreshToken: string;
}

export async function storeClient(test: TestDeps, over: Partial<NewClient> = {}): Promise<Client> {
  const { client } = await createClient(
    test.deps,
    {
      name: 'An app',
      grantTypes: ['authorization_code', 'refresh_token'],
      redirectUris: ['https://app.example/callback'],
      scopes: ['openid', 'profile', 'email', 'account'],
      tokenEndpointAuthMethod: 'none',
      ...over,
    },
    SYSTEM,
    ORIGIN,
  );
  return client;
}

/** A user who signed in to an app, with what came of it. */
export async function signIn(
  test: TestDeps,
  options: {
    user?: User;
    client?: Client;
    session?: Session;
    withCookie?: boolean;
    scopes?: string[];
    sender?: Confirmation;
  } = {},
): Promise<SignedIn> {
  const user = options.user ?? (await storeUser(test.deps));
  const client = options.client ?? (await storeClient(test));
  const opened = options.session
    ? { session: options.session, cookieValue: null }
    : await createSession(
        test.deps,
        { user, clientId: client._id, amr: ['pwd'], withCookie: options.withCookie ?? false },
        ORIGIN,
      );
  const tokens = await issueUserTokens(test.deps, {
    user,
    client,
    session: opened.session,
    scopes: options.scopes ?? ['openid', 'profile'],
    ...(options.sender && { sender: options.sender }),
  });
  return { user, client, ...opened, tokens, refreshToken: tokens.refreshToken ?? '' };
}

export function refresh(
  test: TestDeps,
  client: Client,
  refreshToken: string | null,
  over: { scopes?: string[]; sender?: Confirmation } = {},
): Promise<TokenSet> {
  return refreshTokens(test.deps, { refreshToken: refreshToken ?? '', client, ...over }, ORIGIN);
}
