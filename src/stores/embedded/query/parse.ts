import { BSONRegExp } from 'bson';
import { type Doc, isDocument, type Value } from '../bson/value.js';
import { badValue, notSupported } from '../errors.js';
import type { Predicate, QueryNode } from './ast.js';
import {
  checkedOperand,
  holdsOperators,
  inPredicate,
  isTruthy,
  parseMod,
  parseRegex,
  parseSize,
  parseTypes,
  rangePredicate,
  regexPredicate,
} from './operands.js';

/** Compiles an aggregation expression to a test; given by the caller, since expressions know no queries. */
export type ExpressionCompiler = (expression: Value) => (document: Doc) => boolean;

const REFUSED = new Set([
  '$where',
  '$text',
  '$jsonSchema',
  '$function',
  '$near',
  '$nearSphere',
  '$geoWithin',
  '$geoIntersects',
]);
const BITS = new Set(['$bitsAllSet', '$bitsAllClear', '$bitsAnySet', '$bitsAnyClear']);

/**
 * Parses a filter by an allow-list: an operator that is not known is refused by its name.
 * @throws CommandError BadValue, FailedToParse, NotImplemented
 */
export function parseQuery(filter: Doc, compileExpression: ExpressionCompiler): QueryNode {
  const nodes: QueryNode[] = [];
  for (const [key, value] of Object.entries(filter)) {
    if (key.startsWith('$')) nodes.push(...parseTopLevel(key, value, compileExpression));
    else nodes.push(...parseField(key, value, compileExpression));
  }
  return joined(nodes);
}

const joined = (nodes: QueryNode[]): QueryNode =>
  nodes.length === 1 ? (nodes[0] as QueryNode) : { kind: 'and', nodes };

function parseTopLevel(key: string, value: Value, compileExpression: ExpressionCompiler): QueryNode[] {
  switch (key) {
    case '$comment':
      return [];
    case '$and':
    case '$or':
    case '$nor':
      return [parseList(key, value, compileExpression)];
    case '$expr':
      return [{ kind: 'expression', evaluate: compileExpression(value) }];
    default:
      if (REFUSED.has(key)) throw notSupported(`the query operator ${key}`);
      throw badValue(
        `unknown top level operator: ${key}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function parseList(
  key: '$and' | '$or' | '$nor',
  value: Value,
  compileExpression: ExpressionCompiler,
): QueryNode {
  if (!Array.isArray(value)) throw badValue(`${key} must be an array`);
  if (value.length === 0) throw badValue('$and/$or/$nor must be a nonempty array');
  const nodes = value.map((entry) => {
    if (!isDocument(entry)) throw badValue('$or/$and/$nor entries need to be full objects');
    return parseQuery(entry, compileExpression);
  });
  return { kind: key.slice(1) as 'and' | 'or' | 'nor', nodes };
}

const leaf = (path: string, test: Predicate): QueryNode => ({
  kind: 'leaf',
  path,
  parts: path === '' ? [] : path.split('.'),
  test,
});

function parseField(path: string, value: Value, compileExpression: ExpressionCompiler): QueryNode[] {
  if (value instanceof BSONRegExp) return [leaf(path, regexPredicate(value.pattern, value.options))];
  if (!holdsOperators(value)) return [leaf(path, { op: '$eq', value: checkedOperand(value) })];
  return parseOperators(path, value, compileExpression);
}

function parseOperators(path: string, operators: Doc, compileExpression: ExpressionCompiler): QueryNode[] {
  const nodes: QueryNode[] = [];
  for (const [operator, operand] of Object.entries(operators)) {
    if (operator === '$options') {
      if (!('$regex' in operators)) throw badValue('$options needs a $regex');
      continue;
    }
    nodes.push(...parseOperator(path, operator, operand, operators, compileExpression));
  }
  return nodes;
}

function parseOperator(
  path: string,
  operator: string,
  operand: Value,
  siblings: Doc,
  compileExpression: ExpressionCompiler,
): QueryNode[] {
  switch (operator) {
    case '$eq':
      return [leaf(path, { op: '$eq', value: checkedOperand(operand) })];
    case '$ne':
      if (operand instanceof BSONRegExp) throw badValue("Can't have regex as arg to $ne.");
      return [{ kind: 'not', node: leaf(path, { op: '$eq', value: checkedOperand(operand) }) }];
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return [leaf(path, rangePredicate(operator, operand))];
    case '$in':
      return [leaf(path, inPredicate(operator, operand))];
    case '$nin':
      return [{ kind: 'not', node: leaf(path, inPredicate(operator, operand)) }];
    case '$exists':
      return [
        isTruthy(operand)
          ? leaf(path, { op: '$exists' })
          : { kind: 'not', node: leaf(path, { op: '$exists' }) },
      ];
    case '$type':
      return [leaf(path, { op: '$type', codes: parseTypes(operand) })];
    case '$regex':
      return [leaf(path, parseRegex(operand, siblings.$options))];
    case '$mod':
      return [leaf(path, parseMod(operand))];
    case '$size':
      return [leaf(path, { op: '$size', size: parseSize(operand) })];
    case '$all':
      return [parseAll(path, operand, compileExpression)];
    case '$elemMatch':
      return [leaf(path, parseElemMatch(operand, compileExpression))];
    case '$not':
      return [{ kind: 'not', node: parseNot(path, operand, compileExpression) }];
    default:
      if (REFUSED.has(operator) || BITS.has(operator)) throw notSupported(`the query operator ${operator}`);
      throw badValue(`unknown operator: ${operator}`);
  }
}

function parseAll(path: string, operand: Value, compileExpression: ExpressionCompiler): QueryNode {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return { kind: 'nor', nodes: [{ kind: 'and', nodes: [] }] };
  const nodes = operand.map((entry): QueryNode => {
    if (isDocument(entry) && Object.keys(entry)[0] === '$elemMatch') {
      return leaf(path, parseElemMatch(entry.$elemMatch, compileExpression));
    }
    if (holdsOperators(entry)) throw badValue('no $ expressions in $all');
    if (entry instanceof BSONRegExp) return leaf(path, regexPredicate(entry.pattern, entry.options));
    return leaf(path, { op: '$eq', value: entry });
  });
  return joined(nodes);
}

function parseElemMatch(operand: Value, compileExpression: ExpressionCompiler): Predicate {
  if (!isDocument(operand)) throw badValue('$elemMatch needs an Object');
  const first = Object.keys(operand)[0];
  const ofValues =
    holdsOperators(operand) && !['$and', '$or', '$nor', '$expr', '$where'].includes(first ?? '');
  const element = ofValues
    ? joined(parseOperators('', operand, compileExpression))
    : parseQuery(operand, compileExpression);
  return { op: '$elemMatch', element, ofValues };
}

function parseNot(path: string, operand: Value, compileExpression: ExpressionCompiler): QueryNode {
  if (operand instanceof BSONRegExp) return leaf(path, regexPredicate(operand.pattern, operand.options));
  if (!isDocument(operand)) throw badValue('$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw badValue('$not cannot be empty');
  if (!holdsOperators(operand)) throw badValue(`unknown operator: ${Object.keys(operand)[0]}`);
  return joined(parseOperators(path, operand, compileExpression));
}
