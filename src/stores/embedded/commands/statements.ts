import { ObjectId } from 'bson';
import { type Doc, encode, getOwn, MISSING, TypeOrder, typeOrder, type Value } from '../bson/value.js';
import { badValue } from '../errors.js';
import { type Found, findDocuments } from '../plan/execute.js';
import type { QueryNode } from '../query/ast.js';
import type { SortField } from '../query/sort.js';
import type { Collection, Index } from '../storage/collection.js';
import { insertDocument, removeDocument, replaceDocument } from '../storage/documents.js';
import type { Storage } from '../storage/storage.js';
import { applyUpdate, type Update } from '../update/update.js';
import { seedFromQuery } from '../update/upsert.js';

export interface Selection {
  readonly query: QueryNode;
  readonly sort?: readonly SortField[];
  readonly hint?: Index | null | undefined;
  readonly multi: boolean;
}

export interface UpdateStatement extends Selection {
  readonly update: Update;
  readonly upsert: boolean;
  readonly now: Date;
}

export interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  /** The last document as it was and as it is. */
  readonly before: Doc | null;
  readonly after: Doc | null;
  readonly upsertedId: Value;
  readonly arrayIndex?: number | undefined;
}

/** Inserts one document, with `_id` first. @throws CommandError BadValue, DuplicateKey */
export function runInsert(storage: Storage, collection: Collection, document: Doc): Doc {
  const complete = withId(document);
  insertDocument(storage, collection, complete);
  return complete;
}

function withId(document: Doc): Doc {
  const id = getOwn(document, '_id');
  if (id === MISSING) return { _id: new ObjectId(), ...document };
  if (Array.isArray(id)) throw badValue("can't use an array for _id");
  if (typeOrder(id) === TypeOrder.regex) throw badValue("can't use a regex for _id");
  if (id === undefined) throw badValue("can't use a undefined for _id");
  return Object.keys(document)[0] === '_id' ? document : { _id: id, ...document };
}

function select(storage: Storage, collection: Collection, selection: Selection): Found[] {
  const { query, sort = [], hint, multi } = selection;
  // All are found before the first is written, so that no document is met again where its change has moved it.
  return [...findDocuments(storage, collection, { query, sort, hint, limit: multi ? 0 : 1 })];
}

/** Updates the selected documents or inserts one; only inside `write`. */
export function runUpdate(
  storage: Storage,
  collection: Collection,
  statement: UpdateStatement,
): UpdateResult {
  let matched = 0;
  let modified = 0;
  let last: { before: Doc; after: Doc; arrayIndex: number | undefined } | null = null;
  for (const found of select(storage, collection, statement)) {
    const { arrayIndex } = found;
    const after = applyUpdate(found.document, statement.update, {
      arrayIndex,
      inserting: false,
      now: statement.now,
    });
    matched++;
    last = { before: found.document, after, arrayIndex };
    if (encode(after).equals(encode(found.document))) continue;
    replaceDocument(storage, collection, found, after);
    modified++;
  }
  if (last) return { matched, modified, ...last, upsertedId: MISSING };
  if (!statement.upsert) return { matched: 0, modified: 0, before: null, after: null, upsertedId: MISSING };
  const after = upsert(storage, collection, statement);
  return { matched: 0, modified: 0, before: null, after, upsertedId: after._id };
}

function upsert(storage: Storage, collection: Collection, statement: UpdateStatement): Doc {
  const seed = seedFromQuery(statement.query);
  const base = statement.update.kind === 'replacement' ? idOnly(seed) : seed;
  const document = applyUpdate(base, statement.update, { inserting: true, now: statement.now });
  return runInsert(storage, collection, document);
}

function idOnly(seed: Doc): Doc {
  return '_id' in seed ? { _id: seed._id } : {};
}

/** Removes the selected documents and returns them; only inside `write`. */
export function runDelete(storage: Storage, collection: Collection, selection: Selection): Found[] {
  const found = select(storage, collection, selection);
  for (const entry of found) removeDocument(storage, collection, entry);
  return found;
}
