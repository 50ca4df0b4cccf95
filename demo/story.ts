import { randomBytes } from 'node:crypto';
import type { Api } from './api.js';
import {
  DemoAuditTrailDocument,
  DemoConfirmEmailDocument,
  DemoLookAroundDocument,
  DemoSetRolesDocument,
  DemoSignInDocument,
  DemoSignUpDocument,
  DemoViewerDocument,
} from './generated/operations.js';
import type { Mailbox } from './mailbox.js';
import { expect, narrator } from './narrator.js';

export interface Scene {
  readonly api: Api;
  readonly mailbox: Mailbox;
  readonly admin: { readonly username: string; readonly password: string };
}

interface Person {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

interface SignedIn {
  readonly id: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** From sign-up to the audit trail, in nine chapters. @throws ExpectationFailed at the first that does not hold */
export async function tellStory(scene: Scene): Promise<void> {
  const mia = somebody('mia');

  narrator.chapter(`${mia.username} signs up`);
  await signUp(scene, mia);

  narrator.chapter('She confirms her e-mail address with the mailed link');
  await confirm(scene, mia);

  narrator.chapter('She signs in');
  const session = await signIn(scene, mia);

  narrator.chapter('She asks who she is');
  await lookAtHerself(scene, mia, session);

  narrator.chapter('She looks around and is denied');
  await lookAroundAsUser(scene, session);

  narrator.chapter('The administrator makes her a moderator');
  const admin = await signIn(scene, scene.admin);
  await giveRoles(scene, admin, session.id, ['user', 'moderator']);

  narrator.chapter('With the same token she sees more now');
  await lookAroundAsModerator(scene, session);

  narrator.chapter('A refresh token is good once; a stolen one kills its family');
  await refreshAndReuse(scene, session);

  narrator.chapter('An auditor reads what happened');
  await readAuditTrail(scene, admin, session);
}

function somebody(name: string): Person {
  const suffix = randomBytes(4).toString('hex');
  return {
    username: `${name}-${suffix}`,
    email: `${name}-${suffix}@example.com`,
    password: `${randomBytes(12).toString('base64url')}-A1!`,
  };
}

async function signUp({ api }: Scene, { username, email, password }: Person): Promise<void> {
  const { data } = await api.graphql(DemoSignUpDocument, { input: { username, email, password } });
  expect(data?.signUp?.accepted === true, 'accepted; the answer would be the same for a known address');
}

async function confirm({ api, mailbox }: Scene, { email }: Person): Promise<void> {
  const token = await mailbox.linkToken(email);
  const { data } = await api.graphql(DemoConfirmEmailDocument, { token });
  expect(data?.confirmEmail?.confirmed === true, 'the address is confirmed');
}

async function signIn({ api }: Scene, who: { username: string; password: string }): Promise<SignedIn> {
  const { data } = await api.graphql(DemoSignInDocument, {
    identifier: who.username,
    password: who.password,
  });
  const result = data?.signIn?.result;
  expect(result?.__typename === 'SignedIn', `${who.username} is signed in`);
  const refreshToken = result.tokens?.refreshToken;
  expect(typeof refreshToken === 'string', 'with an access token and a refresh token');
  return {
    id: result.user.id,
    sessionId: result.session.id,
    accessToken: result.tokens?.accessToken ?? '',
    refreshToken,
  };
}

async function lookAtHerself({ api }: Scene, mia: Person, session: SignedIn): Promise<void> {
  const { data, errors } = await api.graphql(DemoViewerDocument, {}, session.accessToken);
  expect(errors.length === 0 && data?.viewer?.email === mia.email, 'she reads her own account');
  expect(!data.viewer.viewerCan.lock, 'and is told what she may do, so that no client guesses');
}

async function lookAroundAsUser({ api, admin }: Scene, session: SignedIn): Promise<void> {
  const { data, errors } = await api.graphql(
    DemoLookAroundDocument,
    { admin: admin.username },
    session.accessToken,
  );
  const denied = errors.find(({ path }) => path?.join('.') === 'viewer.lockReason');
  expect(denied?.extensions.code === 'FORBIDDEN', 'one field is denied, by path and code');
  expect(
    data?.viewer?.lockReason === null && data.viewer.username !== null,
    'the rest of the answer survives',
  );
  expect(data.user === null, 'somebody else looks exactly like nobody');
}

async function giveRoles(scene: Scene, admin: SignedIn, id: string, roles: string[]): Promise<void> {
  const assignments = roles.map((role) => ({ role }));
  const { data } = await scene.api.graphql(
    DemoSetRolesDocument,
    { id, roles: assignments },
    admin.accessToken,
  );
  const held = data?.setUserRoles?.user?.roles?.map(({ name }) => name) ?? [];
  expect(
    roles.every((role) => held.includes(role)),
    `roles held now: ${held.join(', ')}`,
  );
}

async function lookAroundAsModerator({ api, admin }: Scene, session: SignedIn): Promise<void> {
  const { data, errors } = await api.graphql(
    DemoLookAroundDocument,
    { admin: admin.username },
    session.accessToken,
  );
  expect(data?.user?.username === admin.username, 'she sees the administrator');
  expect(!errors.some(({ path }) => path?.includes('lockReason')), 'and the field that was denied');
  expect(
    errors.some(
      ({ path, extensions }) => path?.join('.') === 'user.phone' && extensions.code === 'FORBIDDEN',
    ),
    'but no phone numbers of others: rights are per field',
  );
}

async function refreshAndReuse({ api }: Scene, session: SignedIn): Promise<void> {
  const refresh = (refreshToken: string) => api.rest('/auth/refresh', { refreshToken });
  const second = await refresh(session.refreshToken);
  expect(second.status === 200, 'the first refresh gives new tokens');
  const third = await refresh(String(second.body['refreshToken']));
  expect(third.status === 200, 'and so does the second');
  narrator.note('A thief shows up with the first token, two generations old by now.');
  const theft = await refresh(session.refreshToken);
  expect(theft.status === 401, 'it is refused');
  const newest = await refresh(String(third.body['refreshToken']));
  expect(newest.status === 401, 'and the whole family died with it: even the newest token is refused');
}

async function readAuditTrail(scene: Scene, admin: SignedIn, mia: SignedIn): Promise<void> {
  const otto = somebody('otto');
  await signUp(scene, otto);
  await confirm(scene, otto);
  const session = await signIn(scene, otto);
  await giveRoles(scene, admin, session.id, ['user', 'auditor']);
  const about = { user: mia.id, session: mia.sessionId };
  const { data } = await scene.api.graphql(DemoAuditTrailDocument, about, session.accessToken);
  const actions = data?.auditEvents?.nodes?.map((event) => `${event?.action} ${event?.outcome}`) ?? [];
  narrator.note(`newest first: ${actions.join(', ')}`);
  for (const action of ['user.signUp', 'user.signIn', 'user.setRoles', 'token.refresh', 'token.reuse']) {
    expect(
      actions.some((line) => line.startsWith(action)),
      `the trail has ${action}`,
    );
  }
}
