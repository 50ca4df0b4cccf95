import { hash } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import { fetchOutside } from '../outbound/fetchOutside.js';

type KeyDeps = Pick<Deps, 'config' | 'ephemeral' | 'logger'>;
type KeyOwner = Pick<Client, '_id' | 'jwks' | 'jwksUri'>;

const LARGEST_SET_BYTES = 65_536;
const FETCH_SECONDS = 5;
const CACHE_SECONDS = 300;
/** A forged `kid` must not make us ask the client's server each time. */
const COOLDOWN_SECONDS = 30;
/** Nor may a stranger by its name, while its server does not answer. */
const FAILED_SECONDS = 5;

/** Sets with their imported keys, by their text: importing a key costs as much as verifying with it. */
const importedSets = new LRUCache<string, JWTVerifyGetKey>({ max: 500 });

/**
 * The public keys of a client, given by value or fetched from its `jwks_uri`, as `jwtVerify` of jose takes them. Fetched
 * sets are shared between replicas for five minutes; a key that is not in there is looked for anew, twice a minute at most.
 * @throws AppError INVALID_CLIENT when it has none; UNAVAILABLE while they cannot be fetched
 */
export async function clientKeySet(deps: KeyDeps, client: KeyOwner): Promise<JWTVerifyGetKey> {
  const keys = importSet(await readKeySet(deps, client));
  if (client.jwks || !client.jwksUri) return keys;
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const newer = await readAgain(deps, client);
      if (!newer) throw error;
      return importSet(newer)(header, token);
    }
  };
}

/** The same as a plain document, for certificates in `x5c`. @throws AppError INVALID_CLIENT, UNAVAILABLE */
export async function readKeySet(deps: KeyDeps, client: KeyOwner): Promise<JSONWebKeySet> {
  if (client.jwks) return client.jwks;
  const { jwksUri } = client;
  if (!jwksUri) throw new AppError('INVALID_CLIENT', `client ${client._id} has registered no keys`);
  const cached = await deps.ephemeral.get(cacheKey(jwksUri));
  return cached === null ? fetchSet(deps, client._id, jwksUri) : (JSON.parse(cached) as JSONWebKeySet);
}

/** Null when somebody looked just now. */
async function readAgain(deps: KeyDeps, { _id, jwksUri }: KeyOwner): Promise<JSONWebKeySet | null> {
  if (!jwksUri) return null;
  const isFirst = await deps.ephemeral.setIfAbsent(`${cacheKey(jwksUri)}:asked`, '1', COOLDOWN_SECONDS);
  return isFirst ? fetchSet(deps, _id, jwksUri) : null;
}

async function fetchSet(deps: KeyDeps, clientId: string, jwksUri: string): Promise<JSONWebKeySet> {
  const failed = `${cacheKey(jwksUri)}:failed`;
  if ((await deps.ephemeral.get(failed)) !== null) {
    throw new AppError('UNAVAILABLE', `the keys of client ${clientId} could not be fetched just now`);
  }
  try {
    const answer = await fetchOutside(deps, jwksUri, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      maxBytes: LARGEST_SET_BYTES,
      timeoutSeconds: FETCH_SECONDS,
    });
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    const set: unknown = JSON.parse(answer.text);
    importSet(set as JSONWebKeySet);
    await deps.ephemeral.set(cacheKey(jwksUri), answer.text, CACHE_SECONDS);
    return set as JSONWebKeySet;
  } catch (cause) {
    deps.logger.warn({ err: cause, clientId }, 'the keys of a client could not be fetched');
    await deps.ephemeral.set(failed, '1', FAILED_SECONDS);
    // Not INVALID_CLIENT: it may be the client all the same, and should try again.
    throw new AppError('UNAVAILABLE', `the keys of client ${clientId} could not be fetched`, { cause });
  }
}

/** @throws AppError INVALID_CLIENT when it is no set of keys */
function importSet(set: JSONWebKeySet): JWTVerifyGetKey {
  const text = JSON.stringify(set);
  const known = importedSets.get(text);
  if (known) return known;
  try {
    const imported = createLocalJWKSet(set);
    importedSets.set(text, imported);
    return imported;
  } catch (cause) {
    throw new AppError('INVALID_CLIENT', 'the keys of the client are no key set', { cause });
  }
}

function cacheKey(jwksUri: string): string {
  return `jwks:${hash('sha256', jwksUri, 'base64url')}`;
}
