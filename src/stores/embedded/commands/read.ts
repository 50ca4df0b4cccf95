import { Long } from 'bson';
import { variablesCompiler } from '../aggregate/expressions.js';
import { encodeKey } from '../bson/keyEncoding.js';
import { type Doc, isDocument, type Value } from '../bson/value.js';
import { CommandError, typeMismatch } from '../errors.js';
import { findDocuments } from '../plan/execute.js';
import { parseQuery } from '../query/parse.js';
import { compileProjection } from '../query/project.js';
import { parseSort } from '../query/sort.js';
import { valuesAt } from '../query/values.js';
import { afterPrefix, documentPrefix } from '../storage/layout.js';
import { assertSimpleCollation, countOf, documentOf, flagOf, hintOf, namespaceOf } from './arguments.js';
import type { CommandContext, Commands } from './context.js';

export const FIND_FIELDS = [
  'filter',
  'sort',
  'skip',
  'limit',
  'projection',
  'batchSize',
  'singleBatch',
  'hint',
  'collation',
  'let',
  'allowDiskUse',
  'noCursorTimeout',
  'allowPartialResults',
];

export const readCommands: Commands = {
  find: { fields: FIND_FIELDS, run: find },
  getMore: { fields: ['collection', 'batchSize'], run: getMore },
  killCursors: { fields: ['cursors'], run: killCursors },
  count: { fields: ['query', 'limit', 'skip', 'hint', 'collation', 'fields'], run: count },
  distinct: { fields: ['key', 'query', 'collation', 'hint'], run: distinct },
};

function find(request: Doc, context: CommandContext): Doc {
  const namespace = namespaceOf(request, context);
  assertSimpleCollation(request.collation);
  const compileExpression = variablesCompiler(documentOf(request.let, 'let'));
  const query = parseQuery(documentOf(request.filter, 'filter'), compileExpression);
  const sort = parseSort(naturalIsDefault(documentOf(request.sort, 'sort')));
  const projection = compileProjection(documentOf(request.projection, 'projection'), compileExpression);
  const skip = countOf(request.skip, 'skip') ?? 0;
  const limit = countOf(request.limit, 'limit') ?? 0;
  const batchSize = countOf(request.batchSize, 'batchSize');
  const collection = context.storage.find(namespace);
  if (!collection) return context.cursors.start(namespace, [], batchSize);
  const hint = hintOf(request.hint, collection);
  const found = findDocuments(context.storage, collection, { query, sort, skip, limit, hint });
  function* documents(): Generator<Doc> {
    for (const { document, arrayIndex } of found)
      yield projection ? projection(document, arrayIndex) : document;
  }
  return context.cursors.start(namespace, documents(), batchSize, flagOf(request.singleBatch));
}

const naturalIsDefault = (sort: Doc): Doc => ('$natural' in sort && Number(sort.$natural) === 1 ? {} : sort);

function getMore(request: Doc, context: CommandContext): Doc {
  const id = request.getMore;
  if (!(id instanceof Long))
    throw typeMismatch("BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  if (typeof request.collection !== 'string')
    throw typeMismatch("BSON field 'getMore.collection' is the wrong type");
  return context.cursors.more(
    id,
    `${context.database}.${request.collection}`,
    countOf(request.batchSize, 'batchSize'),
  );
}

function killCursors(request: Doc, context: CommandContext): Doc {
  if (!Array.isArray(request.cursors))
    throw typeMismatch("BSON field 'killCursors.cursors' is the wrong type");
  const cursorsKilled: Value[] = [];
  const cursorsNotFound: Value[] = [];
  for (const id of request.cursors) {
    if (id instanceof Long && context.cursors.kill(id)) cursorsKilled.push(id);
    else cursorsNotFound.push(id);
  }
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}

function count(request: Doc, context: CommandContext): Doc {
  const namespace = namespaceOf(request, context);
  assertSimpleCollation(request.collation);
  const filter = documentOf(request.query, 'query');
  const query = parseQuery(filter, variablesCompiler({}));
  const skip = countOf(request.skip, 'skip') ?? 0;
  const limit = Math.abs(Number(request.limit ?? 0));
  const collection = context.storage.find(namespace);
  if (!collection) return { n: 0, ok: 1 };
  const hint = hintOf(request.hint, collection);
  if (Object.keys(filter).length === 0 && !hint) {
    const start = documentPrefix(collection.id);
    const all = context.storage.data.getKeysCount({ start, end: afterPrefix(start) });
    const rest = Math.max(0, all - skip);
    return { n: limit > 0 ? Math.min(limit, rest) : rest, ok: 1 };
  }
  let n = 0;
  for (const _found of findDocuments(context.storage, collection, { query, skip, limit, hint })) n++;
  return { n, ok: 1 };
}

function distinct(request: Doc, context: CommandContext): Doc {
  const namespace = namespaceOf(request, context);
  assertSimpleCollation(request.collation);
  const { key } = request;
  if (typeof key !== 'string')
    throw typeMismatch("BSON field 'distinct.key' is the wrong type, expected type 'string'");
  if (request.query !== undefined && request.query !== null && !isDocument(request.query)) {
    throw new CommandError(14, "BSON field 'distinct.query' is the wrong type, expected type 'object'");
  }
  const query = parseQuery(documentOf(request.query, 'query'), variablesCompiler({}));
  const collection = context.storage.find(namespace);
  const values = new Map<string, Value>();
  if (collection) {
    const hint = hintOf(request.hint, collection);
    for (const { document } of findDocuments(context.storage, collection, { query, hint })) {
      for (const value of valuesAt(document, key)) {
        const bytes = encodeKey(value).toString('latin1');
        if (!values.has(bytes)) values.set(bytes, value);
      }
    }
  }
  const ordered = [...values].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value);
  return { values: ordered, ok: 1 };
}
