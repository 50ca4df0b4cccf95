import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Client, ClientSecret } from '../../models/client.js';
import type { Deps } from '../deps.js';

const SECRET_BYTES = 32;
/** What an unknown client's secret is compared with, so that it takes as long. */
const NO_SECRET = digest('no client has this secret');

/** Whether a client of this way of authentication shares a secret with us; the others prove a key, or nothing. */
export function hasSecret({ tokenEndpointAuthMethod }: Pick<Client, 'tokenEndpointAuthMethod'>): boolean {
  return (
    tokenEndpointAuthMethod === 'client_secret_basic' || tokenEndpointAuthMethod === 'client_secret_post'
  );
}

/** 256 random bits, base64url. */
export function makeClientSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Random and long, so a fast digest is enough: there is nothing to guess. */
export function toStoredSecret(secret: string, now: Date): ClientSecret {
  return { hash: digest(secret), createdAt: now };
}

/** Compares in constant time with every secret that is valid now; with a dummy where there is none. */
export function matchesSecret(stored: readonly ClientSecret[], secret: string, now: Date): boolean {
  const given = Buffer.from(digest(secret));
  const valid = stored.filter(({ expiresAt }) => !expiresAt || expiresAt > now).map((each) => each.hash);
  let matches = false;
  for (const expected of valid.length > 0 ? valid : [NO_SECRET]) {
    const buffer = Buffer.from(expected);
    if (buffer.length === given.length && timingSafeEqual(buffer, given)) matches = true;
  }
  return matches && valid.length > 0;
}

/** Whether the text is a secret that the client has now. */
export async function matchesClientSecret(
  { models, clock }: Pick<Deps, 'clock' | 'models'>,
  clientId: string,
  secret: string,
): Promise<boolean> {
  const client = await models.clients.findOne({ _id: clientId }).select('secrets').lean();
  return matchesSecret(client?.secrets ?? [], secret, clock());
}

function digest(secret: string): string {
  return hash('sha256', secret, 'base64url');
}
