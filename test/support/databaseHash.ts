import { createHash } from 'node:crypto';
import type { Model } from 'mongoose';
import type { Models } from '../../src/models/models.js';

// Refusals are recorded there, as they should be.
const RECORDS_OF_REFUSALS = new Set(['auditEvents', 'failedAttempts']);
// Any request of a live session or client moves these.
const MOVED_BY_USE = new Set(['lastUsedAt', 'idleExpiresAt', 'updatedAt']);

/** Of each collection but the records of refusals: what it holds, apart from times that mere use moves. */
export async function hashCollections(models: Models): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [name, model] of Object.entries(models as unknown as Record<string, Model<object>>)) {
    if (RECORDS_OF_REFUSALS.has(name)) continue;
    const documents = await model.collection.find({}).sort({ _id: 1 }).toArray();
    const text = JSON.stringify(documents, (key, value: unknown) =>
      MOVED_BY_USE.has(key) ? undefined : value,
    );
    hashes[name] = createHash('sha256').update(text).digest('hex');
  }
  return hashes;
}
