import { decodeProtectedHeader, errors, type JWK, jwtVerify } from 'jose';
import { AppError } from '../../errors.js';
import type { SigningKey } from '../../models/signingKey.js';
import type { Deps, KeyRing } from '../deps.js';
import { replaceCurrentKey, retireOtherAlgorithms } from './keyRotation.js';
import { differs, type Keys, loadKeys, type PublishedKey } from './loadKeys.js';
import { createVerifiedTokens } from './verifiedTokens.js';

const CHANNEL = 'signingKeys';
const POLL_MILLISECONDS = 60_000;
/** A forged token with a random `kid` must not cost a query each. */
const UNKNOWN_KID_RELOAD_MILLISECONDS = 10_000;
const LONGEST_TOKEN_CHARACTERS = 8192;
const DAY_MILLISECONDS = 86_400_000;

type KeyRingDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'logger' | 'models' | 'secrets'>;

export interface RunningKeyRing extends KeyRing {
  /** What the timer does once a minute: takes over what other replicas did and rotates a key that is of age. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Loads the signing keys, makes the first ones (one replica wins), and keeps in step with the database: by message,
 * by poll, and when a token names an unknown key. Key pairs are imported once.
 * @throws AppError INTERNAL when the database was made with another master key
 */
export async function createKeyRing(deps: KeyRingDeps): Promise<RunningKeyRing> {
  const verified = createVerifiedTokens();
  let lastUnknownKidReload = Number.NEGATIVE_INFINITY;

  await retireOtherAlgorithms(deps);
  let keys = await loadKeys(deps, null);
  let listed: Listed | null = null;
  let loading = Promise.resolve();

  const loadAfter = async (earlier: Promise<void>): Promise<void> => {
    await earlier;
    const loaded = await loadKeys(deps, keys);
    if (differs(loaded, keys)) verified.clear();
    keys = loaded;
  };
  /** Loads run one after another: one that was asked for after a change never answers with the state before it. */
  const reload = (): Promise<void> => {
    const run = loadAfter(loading);
    loading = run.catch(() => undefined);
    return run;
  };
  const reloadQuietly = (): Promise<void> =>
    reload().catch((error: unknown) => deps.logger.warn({ err: error }, 'signing keys were not reloaded'));

  const currentKeys = (): SigningKey[] => [...keys.signers.values()].map(({ record }) => record);

  const rotate = async (old: readonly SigningKey[], discardOld: boolean): Promise<void> => {
    for (const record of old) {
      if (!(await replaceCurrentKey(deps, record, discardOld))) continue;
      deps.logger.info({ algorithm: record.algorithm, discardOld }, 'signing key rotated');
    }
    await reload();
    await deps.ephemeral
      .publish(CHANNEL, 'rotated')
      .catch((error: unknown) => deps.logger.warn({ err: error }, 'other replicas learn the key by poll'));
  };

  const refresh = async (): Promise<void> => {
    await reload();
    const oldest = deps.clock().getTime() - deps.config.tokens.keyRotationDays * DAY_MILLISECONDS;
    const due = currentKeys().filter((key) => (key.activatedAt ?? key.createdAt).getTime() <= oldest);
    if (due.length > 0) await rotate(due, false);
  };

  const findKey = async (kid: unknown): Promise<PublishedKey> => {
    if (typeof kid !== 'string') throw new AppError('INVALID_TOKEN', 'the token names no key');
    const now = deps.clock().getTime();
    if (!keys.published.has(kid) && now - lastUnknownKidReload >= UNKNOWN_KID_RELOAD_MILLISECONDS) {
      lastUnknownKidReload = now;
      await reloadQuietly();
    } else if (!keys.published.has(kid)) {
      await loading;
    }
    const found = keys.published.get(kid);
    const expiresAt = found?.record.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (!found || expiresAt <= now) throw new AppError('INVALID_TOKEN', 'the token names an unknown key');
    return found;
  };

  const unsubscribe = await deps.ephemeral.subscribe(CHANNEL, () => void reloadQuietly());
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => deps.logger.warn({ err: error }, 'signing keys were not refreshed'));
  }, POLL_MILLISECONDS);
  timer.unref();

  return {
    async sign(payload, header) {
      const algorithm = header.algorithm ?? deps.config.tokens.algorithm;
      const signer = keys.signers.get(algorithm);
      if (!signer) throw new AppError('UNAVAILABLE', `there is no signing key for ${algorithm}`);
      return signer.of(header.typ)(payload);
    },

    async verify(token, expected) {
      if (token.length > LONGEST_TOKEN_CHARACTERS) {
        throw new AppError('INVALID_TOKEN', 'the token is too long to be one of ours');
      }
      const now = deps.clock();
      const purpose = `${expected.typ} ${expected.audience ?? ''}`;
      const known = verified.get(token, purpose, now);
      if (known) return known;
      try {
        const { record, key } = await findKey(decodeProtectedHeader(token).kid);
        const { payload } = await jwtVerify(token, key, {
          // The key's own algorithm only: never what the token asks for (RFC 8725 §3.1).
          algorithms: [record.algorithm],
          issuer: deps.config.issuer,
          typ: expected.typ,
          currentDate: now,
          requiredClaims: ['exp', 'iat', 'sub'],
          ...(expected.audience === undefined ? {} : { audience: expected.audience }),
        });
        verified.add(token, purpose, Object.freeze(payload), now);
        return payload;
      } catch (cause) {
        throw asInvalidToken(cause);
      }
    },

    publicJwks() {
      const now = deps.clock().getTime();
      if (listed === null || listed.of !== keys || now < listed.from || now >= listed.until) {
        listed = listLiving(keys, now);
      }
      return listed.jwks;
    },

    rotate: (options = {}) => rotate(currentKeys(), options.discardOld ?? false),
    refresh,

    async close() {
      clearInterval(timer);
      await unsubscribe();
      await loading;
    },
  };
}

/** The keys to publish, for as long as they are the same ones. */
interface Listed {
  readonly of: Keys;
  readonly jwks: { readonly keys: JWK[] };
  /** Epoch milliseconds. */
  readonly from: number;
  readonly until: number;
}

function listLiving(keys: Keys, now: number): Listed {
  const living = [...keys.published.values()].filter(({ record }) => endOf(record) > now);
  return {
    of: keys,
    jwks: { keys: living.map(({ jwk }) => jwk) },
    from: now,
    until: Math.min(...living.map(({ record }) => endOf(record))),
  };
}

function endOf({ expiresAt }: SigningKey): number {
  return expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
}

function asInvalidToken(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof errors.JOSEError || cause instanceof TypeError) {
    return new AppError('INVALID_TOKEN', cause.message, { cause });
  }
  return new AppError('INTERNAL', 'a token could not be verified', { cause });
}
