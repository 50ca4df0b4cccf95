import { Binary, Long } from 'bson';
import { variablesCompiler } from '../aggregate/expressions.js';
import { encodeKey } from '../bson/keyEncoding.js';
import { type Doc, isDocument, plain, type Value } from '../bson/value.js';
import { CommandError, notSupported } from '../errors.js';
import { matches } from '../query/match.js';
import { parseQuery } from '../query/parse.js';
import { type Collection, databaseOf, nameOf } from '../storage/collection.js';
import { afterPrefix, documentPrefix, indexPrefix } from '../storage/layout.js';
import type { Storage } from '../storage/storage.js';
import { countOf, documentOf, flagOf, namespaceOf } from './arguments.js';
import type { CommandContext, Commands } from './context.js';

export const catalogCommands: Commands = {
  create: {
    fields: [
      'capped',
      'validator',
      'validationLevel',
      'validationAction',
      'storageEngine',
      'collation',
      'timeseries',
      'viewOn',
      'pipeline',
      'expireAfterSeconds',
      'autoIndexId',
      'idIndex',
      'encryptedFields',
      'changeStreamPreAndPostImages',
      'clusteredIndex',
      'size',
      'max',
      'indexOptionDefaults',
    ],
    run: create,
  },
  drop: { fields: [], run: drop },
  dropDatabase: { fields: [], run: dropDatabase },
  listCollections: {
    fields: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
    run: listCollections,
  },
  listDatabases: { fields: ['filter', 'nameOnly', 'authorizedDatabases'], run: listDatabases },
  listIndexes: { fields: ['cursor'], run: listIndexes },
};

async function create(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  const fields = catalogCommands.create?.fields ?? [];
  const wanted = fields.find((field) => request[field] !== undefined && plain(request[field]) !== false);
  if (wanted) throw notSupported(`the collection option ${wanted}`);
  // Created again with the same (no) options, the server answers ok.
  if (!storage.find(namespace)) await storage.write(() => void storage.ensure(namespace));
  return { ok: 1 };
}

async function drop(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  const indexes = await storage.write(() => {
    const collection = storage.find(namespace);
    if (collection) dropCollection(storage, collection);
    return collection?.indexes.length;
  });
  return indexes === undefined ? { ok: 1 } : { nIndexesWas: indexes, ns: namespace, ok: 1 };
}

async function dropDatabase(_request: Doc, context: CommandContext): Promise<Doc> {
  const { storage, database } = context;
  const dropped = await storage.write(() => {
    const collections = storage.all().filter((collection) => databaseOf(collection.namespace) === database);
    for (const collection of collections) dropCollection(storage, collection);
    return collections.length;
  });
  return dropped > 0 ? { dropped: database, ok: 1 } : { ok: 1 };
}

function dropCollection(storage: Storage, collection: Collection): void {
  removeRange(storage, documentPrefix(collection.id));
  for (const index of collection.indexes) removeRange(storage, indexPrefix(index.id));
  storage.forget(collection);
}

/** Removes every key with this beginning; only inside `write`. */
export function removeRange(storage: Storage, prefix: Buffer): void {
  const keys = [...storage.data.getKeys({ start: prefix, end: afterPrefix(prefix) })];
  for (const key of keys) void storage.data.remove(key);
}

function listCollections(request: Doc, context: CommandContext): Doc {
  const query = parseQuery(documentOf(request.filter, 'filter'), variablesCompiler({}));
  const nameOnly = flagOf(request.nameOnly);
  const entries = context.storage
    .all()
    .filter((collection) => databaseOf(collection.namespace) === context.database)
    .map((collection) => describe(collection))
    .filter((entry) => matches(query, entry))
    .map((entry) => (nameOnly ? { name: entry.name, type: entry.type } : entry));
  const { batchSize } = documentOf(request.cursor, 'cursor');
  return context.cursors.start(
    `${context.database}.$cmd.listCollections`,
    entries,
    countOf(batchSize, 'batchSize'),
  );
}

function describe(collection: Collection): Doc {
  return {
    name: nameOf(collection.namespace),
    type: 'collection',
    options: collection.options,
    info: { readOnly: false, uuid: new Binary(collection.uuid, 4) },
    idIndex: collection.indexes[0]?.spec,
  };
}

function listDatabases(request: Doc, context: CommandContext): Doc {
  if (context.database !== 'admin')
    throw new CommandError(13, 'listDatabases may only be run against the admin database.');
  const query = parseQuery(documentOf(request.filter, 'filter'), variablesCompiler({}));
  const names = new Set(context.storage.all().map((collection) => databaseOf(collection.namespace)));
  const databases = [...names]
    .sort()
    .map((name): Doc => ({ name, sizeOnDisk: Long.ZERO, empty: false }))
    .filter((entry) => matches(query, entry))
    .map((entry) => (flagOf(request.nameOnly) ? { name: entry.name } : entry));
  return { databases, ...(flagOf(request.nameOnly) ? {} : { totalSize: Long.ZERO }), ok: 1 };
}

function listIndexes(request: Doc, context: CommandContext): Doc {
  const namespace = namespaceOf(request, context);
  const collection = context.storage.find(namespace);
  if (!collection) throw new CommandError(26, `ns does not exist: ${namespace}`);
  const { batchSize } = documentOf(request.cursor, 'cursor');
  return context.cursors.start(
    namespace,
    collection.indexes.map((index) => index.spec),
    countOf(batchSize, 'batchSize'),
  );
}

/** Whether two key patterns are the same, field by field. */
export const sameKey = (left: Value, right: Value) =>
  isDocument(left) && isDocument(right) && encodeKey(left).equals(encodeKey(right));
