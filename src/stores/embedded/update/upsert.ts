import { clone, type Doc, MISSING, setOwn, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { QueryNode } from '../query/ast.js';

/**
 * What an upsert starts from: the fields that the filter holds equal to a value.
 * @throws CommandError NotSingleValueField when the filter names a field twice
 */
export function seedFromQuery(query: QueryNode): Doc {
  const seed: Doc = {};
  const equalities = new Map<string, Value>();
  collect(query, equalities);
  for (const path of equalities.keys()) refuseInside(path, equalities);
  for (const [path, value] of equalities) plant(seed, path, value);
  return seed;
}

function collect(node: QueryNode, into: Map<string, Value>): void {
  if (node.kind === 'and' || (node.kind === 'or' && node.nodes.length === 1)) {
    for (const child of node.nodes) collect(child, into);
    return;
  }
  if (node.kind !== 'leaf') return;
  const { test } = node;
  const value = test.op === '$eq' ? test.value : onlyValue(test);
  if (value === MISSING) return;
  if (into.has(node.path)) throw matchedTwice(node.path);
  into.set(node.path, value);
}

function onlyValue(test: Extract<QueryNode, { kind: 'leaf' }>['test']): Value {
  return test.op === '$in' && test.values.length === 1 && test.patterns.length === 0
    ? test.values[0]
    : MISSING;
}

/** A field inside of one that is given as a whole. */
function refuseInside(path: string, equalities: ReadonlyMap<string, Value>): void {
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    if (equalities.has(path.slice(0, dot))) throw matchedTwice(path);
  }
}

const matchedTwice = (path: string) =>
  new CommandError(54, `cannot infer query fields to set, path '${path}' is matched twice`);

function plant(seed: Doc, path: string, value: Value): void {
  const parts = path.split('.');
  let container = seed;
  for (const part of parts.slice(0, -1)) {
    if (!Object.hasOwn(container, part)) setOwn(container, part, {});
    container = container[part] as Doc;
  }
  setOwn(container, parts.at(-1) as string, clone(value));
}
