import { variablesCompiler } from '../../../src/stores/embedded/aggregate/expressions.js';
import { decode } from '../../../src/stores/embedded/bson/value.js';
import { keysIn } from '../../../src/stores/embedded/storage/documents.js';
import {
  afterPrefix,
  documentPrefix,
  indexEntryKey,
  indexPrefix,
  recordIdOf,
} from '../../../src/stores/embedded/storage/layout.js';
import { Storage } from '../../../src/stores/embedded/storage/storage.js';

/** Opens the data file of a closed engine and lists every index entry that is missing or too many. */
export async function brokenIndexEntries(folder: string): Promise<string[]> {
  const storage = await Storage.open(folder, variablesCompiler({}));
  const faults: string[] = [];
  try {
    for (const collection of storage.all()) {
      for (const index of collection.indexes) {
        const wanted = new Set<string>();
        const documents = documentPrefix(collection.id);
        for (const { key, value } of storage.data.getRange({
          start: documents,
          end: afterPrefix(documents),
        })) {
          const recordId = recordIdOf(key);
          for (const { bytes } of keysIn(index, decode(value)).keys) {
            wanted.add(indexEntryKey(index.id, bytes, recordId).toString('hex'));
          }
        }
        const prefix = indexPrefix(index.id);
        for (const key of storage.data.getKeys({ start: prefix, end: afterPrefix(prefix) })) {
          if (!wanted.delete(key.toString('hex')))
            faults.push(`${index.name}: too many: ${key.toString('hex')}`);
        }
        for (const missing of wanted) faults.push(`${index.name}: missing: ${missing}`);
      }
    }
  } finally {
    await storage.close();
  }
  return faults;
}
