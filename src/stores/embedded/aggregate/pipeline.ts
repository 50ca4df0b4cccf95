import { Int32 } from 'bson';
import { type Doc, isDocument, plain, type Value } from '../bson/value.js';
import { CommandError, failedToParse, notSupported } from '../errors.js';
import { matches } from '../query/match.js';
import { type ExpressionCompiler, parseQuery } from '../query/parse.js';
import { parseSort, sortDocuments } from '../query/sort.js';
import { variablesCompiler } from './expressions.js';
import { compileGroup } from './group.js';
import { compileLookup } from './lookup.js';
import { compileAddFields, compileProject, compileReplaceRoot, compileUnset } from './shape.js';
import { compileUnwind } from './unwind.js';

/** Turns a stream of documents into another. */
export type Stage = (documents: Iterable<Doc>) => Iterable<Doc>;

export interface PipelineContext {
  /** The variables of `let`. */
  readonly variables: Doc;
  /** The documents of another collection of the same database. */
  readonly read: (collection: string, filter: Doc) => Iterable<Doc>;
}

const mapping = (change: (document: Doc) => Doc): Stage =>
  function* stage(documents) {
    for (const document of documents) yield change(document);
  };

type StageCompiler = (specification: Value, context: PipelineContext) => Stage;

const STAGES: Readonly<Record<string, StageCompiler>> = {
  $match: compileMatch,
  $sort: compileSort,
  $skip: (specification) => skipping(positive(specification, '$skip', 0)),
  $limit: (specification) => limiting(positive(specification, '$limit', 1)),
  $count: compileCount,
  $project: (specification, context) => mapping(compileProject(specification, context.variables)),
  $addFields: (specification, context) => mapping(compileAddFields(specification, context.variables)),
  $set: (specification, context) => mapping(compileAddFields(specification, context.variables)),
  $unset: (specification) => mapping(compileUnset(specification)),
  $replaceRoot: (specification, context) =>
    mapping(compileReplaceRoot(newRootOf(specification), context.variables)),
  $replaceWith: (specification, context) => mapping(compileReplaceRoot(specification, context.variables)),
  $group: (specification, context) => compileGroup(specification, context.variables),
  $sortByCount: (specification, context) => sortByCount(specification, context),
  $unwind: (specification) => {
    const unwind = compileUnwind(specification);
    return function* stage(documents) {
      for (const document of documents) yield* unwind(document);
    };
  },
  $lookup: (specification, context) =>
    mapping(
      compileLookup(specification, context, (pipeline, variables) =>
        compilePipeline(pipeline, { ...context, variables }),
      ),
    ),
  $facet: compileFacet,
};

/**
 * Compiles a pipeline by an allow-list of stages.
 * @throws CommandError 40324 for an unknown stage, NotImplemented for one that is left out
 */
export function compilePipeline(pipeline: readonly Value[], context: PipelineContext): Stage {
  const stages = pipeline.map((entry) => {
    if (!isDocument(entry))
      throw new CommandError(14, 'Each element of the pipeline array must be an object');
    const [name, ...more] = Object.keys(entry);
    if (name === undefined || more.length > 0) {
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    if (!Object.hasOwn(STAGES, name)) throw unknownStage(name);
    return (STAGES[name] as StageCompiler)(entry[name], context);
  });
  return (documents) => stages.reduce((stream, stage) => stage(stream), documents);
}

const LEFT_OUT = new Set([
  '$bucket',
  '$bucketAuto',
  '$out',
  '$merge',
  '$graphLookup',
  '$unionWith',
  '$sample',
  '$redact',
  '$geoNear',
  '$setWindowFields',
  '$densify',
  '$fill',
  '$documents',
  '$changeStream',
  '$collStats',
  '$indexStats',
  '$currentOp',
  '$search',
  '$vectorSearch',
  '$searchMeta',
  '$listSessions',
  '$planCacheStats',
  '$listLocalSessions',
]);

function unknownStage(name: string): CommandError {
  if (LEFT_OUT.has(name)) return notSupported(`the pipeline stage ${name}`);
  return new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
}

function compileMatch(specification: Value, context: PipelineContext): Stage {
  if (!isDocument(specification))
    throw new CommandError(15959, 'the match filter must be an expression in an object');
  const query = parseQuery(specification, variablesCompiler(context.variables));
  return function* stage(documents) {
    for (const document of documents) if (matches(query, document)) yield document;
  };
}

function compileSort(specification: Value): Stage {
  if (!isDocument(specification))
    throw new CommandError(15973, 'the $sort key specification must be an object');
  const fields = parseSort(specification);
  if (fields.length === 0) throw new CommandError(15976, '$sort stage must have at least one sort key');
  return (documents) => sortDocuments([...documents], fields, (document) => document);
}

function positive(specification: Value, name: string, least: number): number {
  const number = plain(specification);
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least) {
    throw new CommandError(
      name === '$limit' ? 15958 : 5107200,
      `invalid argument to ${name} stage: expected a whole number of at least ${least}`,
    );
  }
  return number;
}

function skipping(count: number): Stage {
  return function* stage(documents) {
    let left = count;
    for (const document of documents) if (left-- <= 0) yield document;
  };
}

function limiting(count: number): Stage {
  return function* stage(documents) {
    let left = count;
    for (const document of documents) {
      yield document;
      if (--left <= 0) return;
    }
  };
}

function compileCount(specification: Value): Stage {
  if (typeof specification !== 'string' || specification === '' || /[.\0]|^\$/.test(specification)) {
    throw new CommandError(
      40156,
      'the count field must be a non-empty string without dots that does not start with $',
    );
  }
  return function* stage(documents) {
    let count = 0;
    for (const _document of documents) count++;
    if (count > 0) yield { [specification]: new Int32(count) };
  };
}

function newRootOf(specification: Value): Value {
  if (!isDocument(specification) || !('newRoot' in specification)) {
    throw new CommandError(40231, 'no newRoot specified for the $replaceRoot stage');
  }
  return specification.newRoot;
}

function sortByCount(specification: Value, context: PipelineContext): Stage {
  const group = compileGroup({ _id: specification, count: { $sum: new Int32(1) } }, context.variables);
  return (documents) => compileSort({ count: -1 })(group(documents));
}

function compileFacet(specification: Value, context: PipelineContext): Stage {
  if (!isDocument(specification))
    throw new CommandError(40169, 'the $facet specification must be a non-empty object');
  const facets = Object.entries(specification).map(([name, pipeline]) => {
    if (!Array.isArray(pipeline))
      throw new CommandError(40170, `arguments to $facet must be arrays, ${name} is not`);
    return { name, run: compilePipeline(pipeline, context) };
  });
  return function* stage(documents) {
    const all = [...documents];
    yield Object.fromEntries(facets.map(({ name, run }) => [name, [...run(all)]]));
  };
}

const UPDATE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

/** A pipeline as an update: only the stages that turn one document into one. */
export function runPipelineOn(pipeline: readonly Value[], document: Doc, _compiler: ExpressionCompiler): Doc {
  for (const entry of pipeline) {
    const [name] = isDocument(entry) ? Object.keys(entry) : [];
    if (!name || !UPDATE_STAGES.has(name))
      throw failedToParse(`${name ?? 'an empty stage'} is not allowed to be used within an update`);
  }
  const [result] = compilePipeline(pipeline, { variables: {}, read: () => [] })([document]);
  return result ?? document;
}
