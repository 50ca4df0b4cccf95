import { createVisitor, type Visitor } from '../../pages/visitor.js';
import { type Person, startApp, type TestApp } from '../../support/app.js';
import { allowAll, follow, nextOf } from '../authorize/flow.js';

export const CALLBACK = 'https://app.example/callback';
export const BYE = 'https://app.example/bye';
export const SECRET = 'a-secret-of-a-test-0123456789-abcdefgh';

const CODE_FLOW = {
  secret: SECRET,
  grantTypes: ['authorization_code', 'refresh_token'] as ('authorization_code' | 'refresh_token')[],
  redirectUris: [CALLBACK],
  postLogoutRedirectUris: [BYE],
  scopes: ['openid', 'profile', 'email', 'offline_access'],
};

/** A Fieldgate with a client for each way of authentication by secret, a public one, and one for itself. */
export const startProvider = (): Promise<TestApp> =>
  startApp({
    scopes: [{ name: 'reports:read', description: 'Read reports', rules: [] }],
    clients: [
      { ...CODE_FLOW, clientId: 'basic', tokenEndpointAuthMethod: 'client_secret_basic' },
      { ...CODE_FLOW, clientId: 'post', tokenEndpointAuthMethod: 'client_secret_post' },
      { ...CODE_FLOW, clientId: 'public', tokenEndpointAuthMethod: 'none', secret: undefined },
      { clientId: 'machine', secret: SECRET, grantTypes: ['client_credentials'], scopes: ['reports:read'] },
    ],
  });

/** What a person does in their browser with an address that the client made; the address that they end at. */
export async function browse(
  app: TestApp,
  address: URL,
  person: Person,
  visitor: Visitor = createVisitor(app),
): Promise<URL> {
  let page = await follow(app, visitor, await visitor.open(address.pathname + address.search));
  if (page.text.includes('<h1>Sign in</h1>')) {
    const typed = { identifier: person.email, password: person.password };
    page = await follow(app, visitor, await visitor.send(page, typed));
  }
  if (page.text.includes('<h1>Allow ')) {
    page = await follow(app, visitor, await visitor.send(page, allowAll(page)));
  }
  if (page.text.includes('<h1>Sign out?</h1>')) {
    page = await follow(app, visitor, await visitor.send(page, { 'choice.signOut': '1' }));
  }
  return new URL(nextOf(page) ?? '');
}
