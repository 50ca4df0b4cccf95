import { equalValues } from '../bson/compare.js';
import { clone, type Doc, isDocument, MISSING, setOwn, type Value } from '../bson/value.js';
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
  if (into.has(node.path) && !equalValues(into.get(node.path), value)) {
    throw new CommandError(54, `cannot infer query fields to set, path '${node.path}' is matched twice`);
  }
  into.set(node.path, value);
}

function onlyValue(test: Extract<QueryNode, { kind: 'leaf' }>['test']): Value {
  return test.op === '$in' && test.values.length === 1 && test.patterns.length === 0
    ? test.values[0]
    : MISSING;
}

function plant(seed: Doc, path: string, value: Value): void {
  const parts = path.split('.');
  let container = seed;
  for (const part of parts.slice(0, -1)) {
    const existing = Object.hasOwn(container, part) ? container[part] : undefined;
    if (existing !== undefined && !isDocument(existing)) {
      throw new CommandError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
    }
    if (existing === undefined) setOwn(container, part, {});
    container = container[part] as Doc;
  }
  setOwn(container, parts.at(-1) as string, clone(value));
}
