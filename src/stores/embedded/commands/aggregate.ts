import { variablesCompiler } from '../aggregate/expressions.js';
import { compilePipeline, type PipelineContext } from '../aggregate/pipeline.js';
import { type Doc, isDocument, type Value } from '../bson/value.js';
import { failedToParse, typeMismatch } from '../errors.js';
import { findDocuments } from '../plan/execute.js';
import { EVERYTHING } from '../query/ast.js';
import { parseQuery } from '../query/parse.js';
import { parseSort } from '../query/sort.js';
import { assertSimpleCollation, countOf, documentOf, hintOf, namespaceOf } from './arguments.js';
import type { CommandContext, Commands } from './context.js';

export const AGGREGATE_FIELDS = [
  'pipeline',
  'cursor',
  'allowDiskUse',
  'bypassDocumentValidation',
  'collation',
  'hint',
  'let',
  'explain',
];

export const aggregateCommands: Commands = {
  aggregate: { fields: AGGREGATE_FIELDS, run: aggregate },
};

/** The leading stages that the storage itself can answer, and the rest. */
export function splitPipeline(pipeline: readonly Value[]): {
  filter: Doc;
  sort: Doc;
  rest: readonly Value[];
} {
  const [first, second] = pipeline;
  const filter = isDocument(first) && isDocument(first.$match) ? first.$match : null;
  const candidate = filter ? second : first;
  const sort = isDocument(candidate) && isDocument(candidate.$sort) ? candidate.$sort : null;
  return { filter: filter ?? {}, sort: sort ?? {}, rest: pipeline.slice((filter ? 1 : 0) + (sort ? 1 : 0)) };
}

function aggregate(request: Doc, context: CommandContext): Doc {
  const namespace = namespaceOf(request, context);
  assertSimpleCollation(request.collation);
  if (!Array.isArray(request.pipeline)) throw typeMismatch("'pipeline' option must be specified as an array");
  const cursor = request.cursor === undefined ? undefined : documentOf(request.cursor, 'cursor');
  if (!cursor)
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  const variables = documentOf(request.let, 'let');
  const pipelineContext: PipelineContext = {
    variables,
    read: (name, filter) => readOther(context, name, filter),
  };
  // Compiled whole first: a fault anywhere in it is refused before anything is read.
  compilePipeline(request.pipeline, pipelineContext);
  const { filter, sort, rest } = splitPipeline(request.pipeline);
  const run = compilePipeline(rest, pipelineContext);
  const query = parseQuery(filter, variablesCompiler(variables));
  const collection = context.storage.find(namespace);
  const hint = hintOf(request.hint, collection);
  function* source(): Generator<Doc> {
    if (!collection) return;
    const fields = parseSort(sort);
    const found = findDocuments(context.storage, collection, {
      query,
      sort: fields,
      hint,
      limit: leadingLimit(rest),
    });
    for (const { document } of found) yield document;
  }
  return context.cursors.start(namespace, run(source()), countOf(cursor.batchSize, 'batchSize'));
}

/** A limit right behind match and sort lets an index give the order. */
export function leadingLimit(rest: readonly Value[]): number {
  const [first] = rest;
  return isDocument(first) && '$limit' in first ? Number(first.$limit) : 0;
}

function* readOther(context: CommandContext, name: string, filter: Doc): Generator<Doc> {
  const collection = context.storage.find(`${context.database}.${name}`);
  if (!collection) return;
  const query = Object.keys(filter).length > 0 ? parseQuery(filter, variablesCompiler({})) : EVERYTHING;
  for (const { document } of findDocuments(context.storage, collection, { query })) yield document;
}
