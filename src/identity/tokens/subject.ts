import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';

const NONCE_BYTES = 16;
const NONCE_PURPOSE = 'pairwise-subject-nonce';
const KEY_PURPOSE = 'pairwise-subject';
/** Ours begin so; no user id does. */
const PREFIX = 'pw.';
/** No user has this id. */
const NOBODY = 'nobody';

type SubjectClient = Pick<
  Client,
  '_id' | 'subjectType' | 'sectorIdentifierUri' | 'redirectUris' | 'grantTypes'
> &
  Partial<Pick<Client, 'dynamicallyRegistered'>>;

/**
 * The `sub` by which this client knows this user: the user's id, or for a pairwise client (OpenID Connect Core §8.1) a
 * value of its sector alone. Always the same as long as the sector stays; two sectors cannot tell
 * that two values are one user.
 */
export function subjectFor(deps: Pick<Deps, 'secrets'>, client: SubjectClient, userId: string): string {
  if (client.subjectType !== 'pairwise') return userId;
  // A synthetic nonce (as in RFC 5297): the same sector and user give the same value, so there is nothing to store.
  const nonce = createHmac('sha256', deps.secrets.derive(NONCE_PURPOSE))
    .update(JSON.stringify([sectorOf(client), userId]))
    .digest()
    .subarray(0, NONCE_BYTES);
  const cipher = createCipheriv('aes-256-ctr', deps.secrets.derive(KEY_PURPOSE), nonce);
  const text = Buffer.concat([nonce, cipher.update(userId, 'utf8'), cipher.final()]);
  return PREFIX + text.toString('base64url');
}

/**
 * The user id behind a `sub` that this installation gave out. Proves nothing: only for what was signed here, or was
 * looked up by something secret.
 */
export function userIdOf(deps: Pick<Deps, 'secrets'>, subject: string): string {
  if (!subject.startsWith(PREFIX)) return subject;
  const bytes = Buffer.from(subject.slice(PREFIX.length), 'base64url');
  if (bytes.length <= NONCE_BYTES) return subject;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-ctr', deps.secrets.derive(KEY_PURPOSE), nonce);
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES)), decipher.final()]).toString('utf8');
}

/**
 * The id of the user whom a client means by a `sub`. Only what it was given itself names anybody: by the subject of
 * another sector, or by a user's id, it could find out whether two subjects are one person.
 */
export function userNamedBy(deps: Pick<Deps, 'secrets'>, client: SubjectClient, subject: string): string {
  const userId = userIdOf(deps, subject);
  return subjectFor(deps, client, userId) === subject ? userId : NOBODY;
}

/**
 * OpenID Connect Core §8.1: the host of `sector_identifier_uri`, else the one host of the redirect URIs. A client that
 * has neither (a device, a native app) is a sector of its own, and so is one that is not proven to belong to the host.
 */
function sectorOf(client: SubjectClient): string {
  const own = `client:${client._id}`;
  if (client.dynamicallyRegistered && !isAnsweredAtItsHosts(client)) return own;
  if (client.sectorIdentifierUri) return new URL(client.sectorIdentifierUri).host;
  const urls = client.redirectUris.map((uri) => new URL(uri));
  const [host, ...others] = new Set(urls.map((url) => url.host));
  // A loopback address or a scheme of its own is any program's on the device.
  return host && others.length === 0 && urls.every(({ protocol }) => protocol === 'https:') ? host : own;
}

/** Anybody can register the addresses of others: they prove nothing for a client that gets its tokens in other ways. */
function isAnsweredAtItsHosts({ redirectUris, grantTypes }: SubjectClient): boolean {
  return (
    redirectUris.length > 0 &&
    redirectUris.every((uri) => uri.startsWith('https:')) &&
    grantTypes.every((grant) => BY_REDIRECT.has(grant))
  );
}

/** Grants by which a client learns of a person only what was sent to a redirect URI. */
const BY_REDIRECT: ReadonlySet<string> = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
]);
