import { readNumber } from '../bson/number.js';
import {
  clone,
  type Doc,
  fieldsOf,
  isDocument,
  plain,
  setOwn,
  TypeOrder,
  typeOrder,
  type Value,
} from '../bson/value.js';
import { badValue, CommandError, notSupported } from '../errors.js';
import type { QueryNode } from './ast.js';
import { matches } from './match.js';
import { type ExpressionCompiler, parseQuery } from './parse.js';

type Rule =
  | { readonly kind: 'keep' | 'drop' }
  | { readonly kind: 'slice'; readonly skip: number | null; readonly limit: number }
  | { readonly kind: 'elemMatch'; readonly element: QueryNode }
  | { readonly kind: 'positional' };

interface Tree {
  readonly children: Map<string, Tree>;
  rule?: Rule;
}

/** A compiled projection of `find`. `arrayIndex` is the matched position, for `field.$`. */
export type Projection = (document: Doc, arrayIndex?: number) => Doc;

/**
 * Compiles inclusion, exclusion, `$slice`, `$elemMatch` and positional projections. Computed fields are refused.
 * @throws CommandError 31253, 31254, 31249, NotImplemented
 */
export function compileProjection(
  specification: Doc,
  compileExpression: ExpressionCompiler,
): Projection | null {
  const entries = Object.entries(specification);
  if (entries.length === 0) return null;
  const root: Tree = { children: new Map() };
  let inclusive: boolean | null = null;
  let keepsId: boolean | null = null;
  for (const [path, value] of entries) {
    const rule = parseRule(path, value, compileExpression);
    if (path === '_id' && (rule.kind === 'keep' || rule.kind === 'drop')) {
      keepsId = rule.kind === 'keep';
      continue;
    }
    plant(root, rule.kind === 'positional' ? path.slice(0, -2) : path, rule);
    const wants = rule.kind === 'slice' ? null : rule.kind !== 'drop';
    if (wants === null) continue;
    if (inclusive !== null && inclusive !== wants) throw mixed(path, wants);
    inclusive = wants;
  }
  const includes = inclusive ?? keepsId === true;
  if (keepsId !== null || includes) plant(root, '_id', { kind: (keepsId ?? true) ? 'keep' : 'drop' });
  return (document, arrayIndex) => project(document, root, includes, arrayIndex);
}

function mixed(path: string, wants: boolean): CommandError {
  return wants
    ? new CommandError(31253, `Cannot do inclusion on field ${path} in exclusion projection`)
    : new CommandError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
}

function parseRule(path: string, value: Value, compileExpression: ExpressionCompiler): Rule {
  if (path.endsWith('.$')) return { kind: 'positional' };
  if (path === '' || path.startsWith('$') || path.split('.').includes('')) {
    throw new CommandError(16410, `FieldPath field names may not be empty or start with '$': ${path}`);
  }
  if (typeof value === 'boolean') return { kind: value ? 'keep' : 'drop' };
  if (typeOrder(value) === TypeOrder.number) return { kind: readNumber(value) === 0 ? 'drop' : 'keep' };
  if (!isDocument(value)) throw notSupported('a computed field in a find projection');
  const [operator] = Object.keys(value);
  if (operator === '$slice') return parseSlice(value.$slice);
  if (operator === '$elemMatch') {
    const operand = value.$elemMatch;
    if (!isDocument(operand))
      throw new CommandError(31274, '$elemMatch: projection argument must be an object');
    return { kind: 'elemMatch', element: parseQuery({ array: { $elemMatch: operand } }, compileExpression) };
  }
  throw notSupported(`the projection operator ${operator ?? '{}'}`);
}

function parseSlice(operand: Value): Rule {
  const numbers = (Array.isArray(operand) ? operand : [operand]).map(plain);
  if (numbers.some((entry) => typeof entry !== 'number'))
    throw new CommandError(28667, '$slice only supports numbers');
  const [first, second] = numbers as number[];
  if (second === undefined) return { kind: 'slice', skip: null, limit: first ?? 0 };
  if (second <= 0) throw new CommandError(28724, '$slice limit must be positive');
  return { kind: 'slice', skip: first ?? 0, limit: second };
}

function plant(root: Tree, path: string, rule: Rule): void {
  let tree = root;
  for (const part of path.split('.')) {
    if (tree.rule) throw new CommandError(31249, `Path collision at ${path}`);
    let child = tree.children.get(part);
    if (!child) tree.children.set(part, (child = { children: new Map() }));
    tree = child;
  }
  if (tree.rule || tree.children.size > 0) throw new CommandError(31250, `Path collision at ${path}`);
  tree.rule = rule;
}

function project(document: Doc, tree: Tree, includes: boolean, arrayIndex: number | undefined): Doc {
  const result: Doc = {};
  for (const [name, value] of Object.entries(fieldsOf(document))) {
    const child = tree.children.get(name);
    const projected = child ? projectField(value, child, includes, arrayIndex) : includes ? undefined : value;
    if (projected !== undefined) setOwn(result, name, projected);
  }
  return result;
}

function projectField(value: Value, tree: Tree, includes: boolean, arrayIndex: number | undefined): Value {
  switch (tree.rule?.kind) {
    case 'keep':
      return value;
    case 'drop':
      return undefined;
    case 'slice':
      return Array.isArray(value) ? slice(value, tree.rule.skip, tree.rule.limit) : value;
    case 'elemMatch':
      return firstMatch(value, tree.rule.element);
    case 'positional':
      return positional(value, arrayIndex);
    default:
      return projectNested(value, tree, includes, arrayIndex);
  }
}

function projectNested(value: Value, tree: Tree, includes: boolean, arrayIndex: number | undefined): Value {
  if (isDocument(value)) return project(value, tree, includes, arrayIndex);
  if (!Array.isArray(value)) return includes ? undefined : value;
  return value
    .map((element) => projectNested(element, tree, includes, arrayIndex))
    .filter((element) => element !== undefined);
}

function slice(array: Value[], skip: number | null, limit: number): Value[] {
  if (skip === null) return limit < 0 ? array.slice(limit) : array.slice(0, limit);
  const from = skip < 0 ? Math.max(0, array.length + skip) : skip;
  return array.slice(from, from + limit);
}

function firstMatch(value: Value, element: QueryNode): Value {
  if (!Array.isArray(value)) return undefined;
  const found = value.find((entry) => matches(element, { array: [entry] }));
  return found === undefined ? undefined : [clone(found)];
}

function positional(value: Value, arrayIndex: number | undefined): Value {
  if (!Array.isArray(value)) return value;
  if (arrayIndex === undefined) {
    throw new CommandError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  }
  if (arrayIndex >= value.length) throw badValue("positional operator '.$' element mismatch");
  return [value[arrayIndex]];
}
