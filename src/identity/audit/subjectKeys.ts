import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { SubjectKey } from '../../models/subjectKey.js';
import type { Deps, SecretBox } from '../deps.js';
import { createSecretBox } from '../keys/secretBox.js';

type KeyDeps = Pick<Deps, 'models' | 'clock' | 'secrets'>;

/** By subject; null: the key was destroyed, or never was. */
export type SubjectBoxes = ReadonlyMap<string, SecretBox | null>;

const KEY_BYTES = 32;
const MOST_REMEMBERED = 5000;
/** A writer that has not heard of an erasure writes what nobody can read: only memory is at stake. */
const REMEMBERED_MILLISECONDS = 600_000;

/** What the key of a subject is bound to. */
export const subjectKeyContext = (subject: string): string => `audit key of ${subject}`;

/** For writers: the boxes of these subjects, made where they are missing, remembered for minutes. */
export class SubjectKeyring {
  readonly #deps: KeyDeps;
  readonly #known = new LRUCache<string, SecretBox>({ max: MOST_REMEMBERED, ttl: REMEMBERED_MILLISECONDS });

  constructor(deps: KeyDeps) {
    this.#deps = deps;
  }

  async boxesOf(subjects: Iterable<string>): Promise<SubjectBoxes> {
    const boxes = new Map<string, SecretBox | null>();
    const unknown: string[] = [];
    for (const subject of new Set(subjects)) {
      const box = this.#known.get(subject);
      if (box) boxes.set(subject, box);
      else unknown.push(subject);
    }
    if (unknown.length === 0) return boxes;
    await this.#makeMissing(unknown);
    for (const [subject, box] of await readSubjectBoxes(this.#deps, unknown)) {
      boxes.set(subject, box);
      if (box) this.#known.set(subject, box);
    }
    return boxes;
  }

  async #makeMissing(subjects: readonly string[]): Promise<void> {
    const { models, clock, secrets } = this.#deps;
    const there = await models.subjectKeys.find({ _id: { $in: subjects } }, { _id: 1 }).lean();
    const present = new Set(there.map(({ _id }) => _id));
    const keys = subjects
      .filter((subject) => !present.has(subject))
      .map((subject) => ({
        _id: subject,
        encryptedKey: secrets.encrypt(
          randomBytes(KEY_BYTES).toString('base64url'),
          subjectKeyContext(subject),
        ),
        createdAt: clock(),
      }));
    if (keys.length === 0) return;
    await models.subjectKeys.insertMany(keys, { ordered: false }).catch((error: unknown) => {
      // Of two replicas the first one's key stands, and so does the mark of one that was destroyed.
      if (!isDuplicateKey(error)) throw error;
    });
  }
}

/** For readers: as they are now, never from memory, so that what was erased is erased for everybody at once. */
export async function readSubjectBoxes(
  deps: Pick<Deps, 'models' | 'secrets'>,
  subjects: readonly string[],
): Promise<SubjectBoxes> {
  if (subjects.length === 0) return new Map();
  const found = await deps.models.subjectKeys.find({ _id: { $in: subjects } }).lean();
  const bySubject = new Map(found.map((key) => [key._id, key]));
  return new Map(subjects.map((subject) => [subject, openSubjectKey(deps, bySubject.get(subject))]));
}

/** @throws AppError INTERNAL when it was encrypted under another master key */
function openSubjectKey(deps: Pick<Deps, 'secrets'>, key: SubjectKey | undefined): SecretBox | null {
  if (!key?.encryptedKey) return null;
  const bytes = Buffer.from(deps.secrets.decrypt(key.encryptedKey, subjectKeyContext(key._id)), 'base64url');
  return createSecretBox(bytes);
}

/**
 * Makes everything that the audit trail holds in this user's name unreadable, for ever, without touching the chains:
 * the key goes, and so do the digests by which addresses are found. Safe to repeat.
 */
export async function destroySubjectKey(deps: Pick<Deps, 'models' | 'clock'>, userId: string): Promise<void> {
  const destroyedAt = deps.clock();
  await deps.models.subjectKeys.updateOne(
    { _id: userId },
    { $unset: { encryptedKey: 1 }, $set: { destroyedAt }, $setOnInsert: { createdAt: destroyedAt } },
    { upsert: true },
  );
  await deps.models.auditEvents.updateMany(
    {
      $or: [{ actorId: userId }, { objectId: userId }],
      sealed: { $elemMatch: { subject: userId, names: 'address' } },
    },
    { $unset: { addressIndex: 1 } },
  );
}
