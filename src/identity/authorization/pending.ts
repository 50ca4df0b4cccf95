import { hash, randomBytes } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import type { AuthorizationRequest, Progress } from './request.js';

type PendingDeps = Pick<Deps, 'ephemeral'>;

/** How long somebody may take to sign in and to decide. */
export const PENDING_TTL_SECONDS = 1800;
const ID_BYTES = 16;
const ID_FORM = /^[A-Za-z0-9_-]{22}$/;

/** A sign-out that waits for its confirmation (OpenID Connect RP-Initiated Logout). */
export interface SignOutRequest {
  /** Proven to belong to the client; null: the person stays here. */
  readonly returnTo: string | null;
  /** Nobody of this installation knows the client: who was not asked is shown the way, and not led there. */
  readonly isStranger: boolean;
  readonly clientName: string | null;
}

/** A device's code that a person typed: it waits for their sign-in and their decision (RFC 8628 §3.3). */
export interface DeviceErrand {
  /** As `readUserCode` gives it. Nobody has looked yet whether a device waits under it. */
  readonly userCode: string;
  /** Of the app on the device, once somebody who had signed in was to decide: their sign-in may be too weak for it. */
  readonly clientId?: string;
}

/** What waits for a person, by kind. */
interface Pending {
  authorization: { readonly request: AuthorizationRequest; readonly progress: Progress };
  signOut: SignOutRequest;
  device: DeviceErrand;
}

/** A browser's own random value: what waits for one browser is out of reach for every other. */
export const makeBrowserKey = (): string => randomBytes(ID_BYTES).toString('base64url');

const keyOf = (kind: keyof Pending, id: string) => `pending:${kind}:${id}`;

/** Keeps something for a person in one browser; its id may stand in an address, for without the cookie it opens nothing. */
export async function keepPending<Kind extends keyof Pending>(
  deps: PendingDeps,
  kind: Kind,
  browserKey: string,
  value: Pending[Kind],
): Promise<string> {
  const id = randomBytes(ID_BYTES).toString('base64url');
  await write(deps, kind, id, browserKey, value);
  return id;
}

/** @throws AppError INVALID_GRANT when it is unknown, over, ended or of another browser */
export async function findPending<Kind extends keyof Pending>(
  deps: PendingDeps,
  kind: Kind,
  id: string,
  browserKey: string | undefined,
): Promise<Pending[Kind]> {
  const stored = ID_FORM.test(id) ? await deps.ephemeral.get(keyOf(kind, id)) : null;
  if (stored === null || browserKey === undefined) throw startAgain('nothing waits under this id');
  const { browser, value } = JSON.parse(stored) as { browser: string; value: Pending[Kind] };
  if (browser !== digest(browserKey)) throw startAgain('it waits for another browser');
  return value;
}

/** Whether something of this kind waits under the id, in whichever browser. */
export async function isPending(deps: PendingDeps, kind: keyof Pending, id: string): Promise<boolean> {
  return ID_FORM.test(id) && (await deps.ephemeral.get(keyOf(kind, id))) !== null;
}

/** Notes what the person did. @throws AppError INVALID_GRANT as `findPending` */
export async function noteProgress(
  deps: PendingDeps,
  id: string,
  browserKey: string | undefined,
  step: Progress,
): Promise<void> {
  const { request, progress } = await findPending(deps, 'authorization', id, browserKey);
  await write(deps, 'authorization', id, browserKey ?? '', { request, progress: { ...progress, ...step } });
}

/** Notes for which app somebody signs in who decides on a device. @throws AppError INVALID_GRANT as `findPending` */
export async function noteDeviceClient(
  deps: PendingDeps,
  id: string,
  browserKey: string | undefined,
  clientId: string,
): Promise<void> {
  const errand = await findPending(deps, 'device', id, browserKey);
  await write(deps, 'device', id, browserKey ?? '', { ...errand, clientId });
}

/** Ends it: true for exactly one caller. */
export async function endPending(deps: PendingDeps, kind: keyof Pending, id: string): Promise<boolean> {
  const first = await deps.ephemeral.setIfAbsent(`${keyOf(kind, id)}:ended`, '1', PENDING_TTL_SECONDS);
  await deps.ephemeral.delete(keyOf(kind, id));
  return first;
}

async function write<Kind extends keyof Pending>(
  deps: PendingDeps,
  kind: Kind,
  id: string,
  browserKey: string,
  value: Pending[Kind],
): Promise<void> {
  const stored = JSON.stringify({ browser: digest(browserKey), value });
  await deps.ephemeral.set(keyOf(kind, id), stored, PENDING_TTL_SECONDS);
}

function digest(browserKey: string): string {
  return hash('sha256', browserKey, 'base64url');
}

function startAgain(detail: string): AppError {
  return new AppError('INVALID_GRANT', detail, {
    publicMessage:
      'This took too long, was finished already, or began in another browser. Go back to the app and start again.',
  });
}
