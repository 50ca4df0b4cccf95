import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { basePathOf } from '../http/basePath.js';
import { readBrowserKey, readSessionCookie } from '../http/cookies.js';
import { findPending, isPending, noteProgress } from '../identity/authorization/pending.js';
import type { AuthorizationRequest, Progress } from '../identity/authorization/request.js';
import { leastOf } from '../identity/sessions/acr.js';
import { authenticateRequest } from '../identity/sessions/authenticate.js';
import type { WantedLevel } from '../identity/signIn/outcome.js';
import type { Client } from '../models/client.js';
import type { Session } from '../models/session.js';
import type { User } from '../models/user.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Visit } from './page.js';

/** Where a person decides on a device whose code they typed. */
export const DEVICE_CONFIRM_PATH = '/device/confirm';

/** An authorization request that waits for its person. */
export interface Flow {
  readonly request: AuthorizationRequest;
  readonly progress: Progress;
  readonly client: Client;
}

/** Why somebody signs in on their way: to go on to an app, or to connect a device. */
export interface Errand {
  /** Null for a device: which app it runs is shown to whoever has signed in. */
  readonly client: Client | null;
  readonly loginHint?: string | undefined;
  /** The level that the sign-in must or should reach. */
  readonly wanted: WantedLevel;
  /** Whoever is signed in need not sign in anew to reach it. */
  readonly mayStepUp: boolean;
  readonly expectedUserId?: string | undefined;
}

/** The id of the request in the address of a page; empty where there is none. */
export function requestIdOf({ query }: Pick<FastifyRequest, 'query'>): string {
  const { request } = query as Record<string, unknown>;
  return typeof request === 'string' ? request : '';
}

/** An address of a page on the way to the same app. */
export function pageAddress({ deps }: Pick<Visit, 'deps'>, path: string, id: string): string {
  const query = id === '' ? '' : `?request=${encodeURIComponent(id)}`;
  return `${basePathOf(deps.config)}${path}${query}`;
}

/** From here on the id travels in the form. */
export function requestField(id: string): Safe {
  return html`<input type="hidden" name="request" value="${id}">`;
}

/** @throws AppError INVALID_GRANT when nothing waits for this browser under the id, INVALID_CLIENT */
export async function findFlow({ deps, request }: Visit, id: string): Promise<Flow> {
  const pending = await findPending(deps, 'authorization', id, readBrowserKey(request, deps.config));
  const client = await deps.models.clients
    .findOne({ _id: pending.request.clientId, status: 'active' })
    .lean<Client>();
  if (!client) throw new AppError('INVALID_CLIENT', 'the client is gone or disabled');
  return { ...pending, client };
}

/** What waits for a sign-in under the id. @throws AppError as `findFlow` */
export async function findErrand(visit: Visit, id: string): Promise<Errand> {
  const { deps, request } = visit;
  if (await isPending(deps, 'device', id)) {
    const { clientId } = await findPending(deps, 'device', id, readBrowserKey(request, deps.config));
    return { client: null, wanted: { clientId }, mayStepUp: clientId !== undefined };
  }
  const { client, request: waiting } = await findFlow(visit, id);
  const { loginHint, expectedUserId, prompts, acrValues: wishedAcrs, essentialAcrs = [] } = waiting;
  return {
    client,
    loginHint,
    expectedUserId,
    wanted: { clientId: client._id, requiredAcr: leastOf(essentialAcrs), wishedAcrs },
    mayStepUp: !prompts.includes('login') && !prompts.includes('select_account'),
  };
}

/** What the sign-in is for, in words. */
export function errandText({ client }: Errand): Safe {
  if (!client) return html`<p>To connect a device.</p>`;
  return html`<p>To continue to <strong>${client.name}</strong>.</p>`;
}

/** Notes what the person did, and leads back to what waits for it. @throws AppError INVALID_GRANT */
export async function goOn(visit: Visit, id: string, step: Progress): Promise<View> {
  const { deps, request } = visit;
  if (await isPending(deps, 'device', id)) return onwards(pageAddress(visit, DEVICE_CONFIRM_PATH, id));
  await noteProgress(deps, id, readBrowserKey(request, deps.config), step);
  return backToRequest(visit, id);
}

/** Back into the request, which finds out what is to be done next. */
export function backToRequest(visit: Visit, id: string): View {
  return onwards(pageAddress(visit, '/oauth/authorize/resume', id));
}

/**
 * A page between a form and where it leads. Chromium applies `form-action` to every redirect after a form, also to
 * those of the app at the end: this page ends the chain, so that the policy can stay `'self'`.
 */
export function onwards(address: string): View {
  return {
    title: 'One moment',
    continueTo: address,
    body: html`<p><a href="${address}">Continue</a></p>`,
  };
}

/** The person of this browser's session. */
export async function findPerson({ deps, request }: Visit): Promise<{ user: User; session: Session } | null> {
  const cookie = readSessionCookie(request, deps.config);
  const { user, session } = await authenticateRequest(deps, { cookie }, request.origin);
  return user && session ? { user, session } : null;
}

/** What a person recognises their account by. */
export function accountName({ email, phone, username, name, _id }: User): string {
  return email ?? phone ?? username ?? name ?? _id;
}

/** Names are chosen by apps; where an answer goes is not theirs to choose freely. */
export function receiverOf(uri: string): string {
  const { protocol, host } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? host : 'an app on this device';
}
