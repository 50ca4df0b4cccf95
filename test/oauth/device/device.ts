import { createVisitor, type Visitor } from '../../pages/visitor.js';
import { GOOD_PASSWORD, type Person, startApp, type TestApp } from '../../support/app.js';
import type { ConfigInput } from '../../support/deps.js';
import type { Answer } from '../../support/http.js';
import { allowAll, follow } from '../authorize/flow.js';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
export const BOX_SECRET = 'box-secret-0123456789-abcdefghijkl';

const SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/** A television app, one with a secret, and one that may not do it. */
const CLIENTS: NonNullable<ConfigInput['clients']> = [
  {
    clientId: 'tv',
    name: 'Living Room TV',
    tokenEndpointAuthMethod: 'none',
    grantTypes: [DEVICE_GRANT, 'refresh_token'],
    scopes: SCOPES,
  },
  {
    clientId: 'box',
    name: 'Set-top Box',
    secret: BOX_SECRET,
    grantTypes: [DEVICE_GRANT],
    scopes: SCOPES,
  },
  {
    clientId: 'web',
    secret: 'web-secret-0123456789-abcdefghijk',
    grantTypes: ['authorization_code'],
    redirectUris: ['https://app.example/callback'],
    scopes: SCOPES,
  },
];

export const startDevices = (over: ConfigInput = {}): Promise<TestApp> =>
  startApp({ clients: CLIENTS, ...over });

export interface Started {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** What a television does first. @throws when it is refused */
export async function startDevice(app: TestApp, scope = 'openid email offline_access'): Promise<Started> {
  const answer = await app.rest<Started>('/oauth/device_authorization', {
    form: { client_id: 'tv', scope },
    headers: { 'user-agent': 'LivingRoom/1.0' },
  });
  if (answer.status !== 200) throw new Error(`refused: ${answer.text}`);
  return answer.body;
}

export function poll(app: TestApp, deviceCode: string, over: Record<string, string> = {}) {
  return app.rest('/oauth/token', {
    form: { grant_type: DEVICE_GRANT, client_id: 'tv', device_code: deviceCode, ...over },
  });
}

/** The page with the decision on a code: types it, signs in where that is asked for. */
export async function reachDecision(
  app: TestApp,
  visitor: Visitor,
  userCode: string,
  person?: Person,
): Promise<Answer<string>> {
  const entry = await visitor.open('/device');
  const page = await follow(app, visitor, await visitor.send(entry, { user_code: userCode }));
  if (!page.text.includes('<h1>Sign in</h1>')) return page;
  const typed = { identifier: person?.email ?? '', password: person?.password ?? GOOD_PASSWORD };
  return follow(app, visitor, await visitor.send(page, typed));
}

/** A person who says yes to everything. */
export async function approve(app: TestApp, userCode: string, person?: Person): Promise<Answer<string>> {
  const visitor = createVisitor(app);
  const page = await reachDecision(app, visitor, userCode, person ?? (await app.signUpAndConfirm()));
  return visitor.send(page, allowAll(page));
}
