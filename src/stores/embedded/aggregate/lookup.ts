import { clone, type Doc, isDocument, MISSING, setOwn, type Value } from '../bson/value.js';
import { failedToParse } from '../errors.js';
import { valuesAt } from '../query/values.js';
import { compileEvaluator } from './expressions.js';

const KNOWN = new Set(['from', 'localField', 'foreignField', 'as', 'let', 'pipeline']);

interface LookupContext {
  readonly variables: Doc;
  readonly read: (collection: string, filter: Doc) => Iterable<Doc>;
}

type PipelineCompiler = (
  pipeline: readonly Value[],
  variables: Doc,
) => (documents: Iterable<Doc>) => Iterable<Doc>;

/** `$lookup` by equal fields, by a pipeline with `let`, or both. */
export function compileLookup(
  specification: Value,
  context: LookupContext,
  compile: PipelineCompiler,
): (document: Doc) => Doc {
  if (!isDocument(specification)) throw failedToParse('the $lookup specification must be an object');
  const unknown = Object.keys(specification).find((key) => !KNOWN.has(key));
  if (unknown) throw failedToParse(`unknown argument to $lookup: ${unknown}`);
  const { from, localField, foreignField, as, pipeline } = specification;
  if (typeof from !== 'string' || typeof as !== 'string')
    throw failedToParse("$lookup needs the strings 'from' and 'as'");
  const byField = typeof localField === 'string' && typeof foreignField === 'string';
  if (!byField && !Array.isArray(pipeline))
    throw failedToParse("$lookup needs either 'pipeline' or both 'localField' and 'foreignField'");
  const bindings = Object.entries(isDocument(specification.let) ? specification.let : {}).map(
    ([name, expression]) => ({
      name,
      evaluate: compileEvaluator(expression, context.variables),
    }),
  );
  return (document) => {
    const filter = byField ? joinFilter(document, localField, foreignField) : {};
    const variables: Doc = { ...context.variables };
    for (const { name, evaluate } of bindings) {
      const value = evaluate(document);
      variables[name] = value === MISSING ? undefined : value;
    }
    const run = Array.isArray(pipeline) ? compile(pipeline, variables) : null;
    const joined = context.read(from, filter);
    const result = clone(document);
    setOwn(result, as, [...(run ? run(joined) : joined)]);
    return result;
  };
}

// A missing local field joins with null and missing; an array joins by each of its elements.
function joinFilter(document: Doc, localField: string, foreignField: string): Doc {
  const values = valuesAt(document, localField);
  return { [foreignField]: { $in: values.length > 0 ? values : [null] } };
}
