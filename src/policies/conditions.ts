import type { CatalogField, CatalogSubject, ScalarKind } from './catalog.js';
import type { Condition, Literal, Operand } from './condition.js';
import type { Fault } from './fault.js';
import { parseIsoDate } from './isoDate.js';
import {
  looksLikePlaceholder,
  parsePlaceholder,
  placeholderFits,
  placeholderFitsList,
} from './placeholder.js';

/** Deeper nesting than any policy needs; keeps the recursions shallow. */
const MAX_DEPTH = 12;
const MAX_LIST = 1000;

type Path = readonly (string | number)[];
interface Parser {
  readonly subject: CatalogSubject;
  readonly faults: Fault[];
}

/**
 * Reads a rule's conditions: the subset of a Mongo query that `docs/policies.md` lists, over field names of the
 * subject. With faults the condition is of no use and null.
 */
export function parseConditions(
  subject: CatalogSubject,
  conditions: unknown,
  path: Path = ['conditions'],
): { condition: Condition | null; faults: readonly Fault[] } {
  const parser: Parser = { subject, faults: [] };
  const condition = parseQuery(parser, conditions, path, 0);
  return { condition: parser.faults.length === 0 ? condition : null, faults: parser.faults };
}

function fail(parser: Parser, path: Path, message: string): null {
  parser.faults.push({ path, message });
  return null;
}

function parseQuery(parser: Parser, query: unknown, path: Path, depth: number): Condition | null {
  if (!isRecord(query)) return fail(parser, path, 'must be an object');
  if (depth > MAX_DEPTH) return fail(parser, path, `is nested deeper than ${MAX_DEPTH} levels`);
  const keys = Object.keys(query);
  if (keys.length === 0) return fail(parser, path, 'is empty; leave conditions out where there are none');
  const parts = keys.map((key) => parseEntry(parser, key, query[key], [...path, key], depth));
  return all(parts);
}

function parseEntry(
  parser: Parser,
  key: string,
  value: unknown,
  path: Path,
  depth: number,
): Condition | null {
  if (key === '$and' || key === '$or' || key === '$nor') {
    const parts = parseList(parser, value, path, depth);
    if (parts === null) return null;
    if (key === '$and') return { kind: 'and', of: parts };
    return key === '$or' ? { kind: 'or', of: parts } : not({ kind: 'or', of: parts });
  }
  if (key.startsWith('$')) return fail(parser, path, `unknown operator ${key}`);
  const field = parser.subject.fields.get(key);
  if (field === undefined) return fail(parser, path, `unknown field ${key}`);
  if (field.path === null) return fail(parser, path, `${key} is not stored, so no condition can name it`);
  return parseField(parser, { ...field, path: field.path }, value, path, depth);
}

function parseList(parser: Parser, value: unknown, path: Path, depth: number): Condition[] | null {
  if (!Array.isArray(value) || value.length === 0)
    return fail(parser, path, 'must be a list that is not empty');
  const parts = value.map((query, index) => parseQuery(parser, query, [...path, index], depth + 1));
  return parts.some((part) => part === null) ? null : (parts as Condition[]);
}

type StoredField = CatalogField & { readonly path: string };

function parseField(
  parser: Parser,
  field: StoredField,
  value: unknown,
  path: Path,
  depth: number,
): Condition | null {
  if (!isRecord(value)) return parseOperator(parser, field, '$eq', value, path, depth);
  if (depth > MAX_DEPTH) return fail(parser, path, `is nested deeper than ${MAX_DEPTH} levels`);
  const keys = Object.keys(value);
  if (keys.length === 0) return fail(parser, path, 'must hold an operator');
  const parts = keys.map((key) => parseOperator(parser, field, key, value[key], [...path, key], depth));
  return all(parts);
}

function parseOperator(
  parser: Parser,
  field: StoredField,
  operator: string,
  value: unknown,
  path: Path,
  depth: number,
): Condition | null {
  switch (operator) {
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return parseComparison(parser, field, operator, value, path);
    case '$ne':
      return not(parseComparison(parser, field, '$eq', value, path));
    case '$in':
      return parseMembership(parser, field, value, path);
    case '$nin':
      return not(parseMembership(parser, field, value, path));
    case '$exists':
      if (typeof value !== 'boolean') return fail(parser, path, 'must be true or false');
      return value ? { kind: 'exists', path: field.path } : not({ kind: 'exists', path: field.path });
    case '$not':
      if (!isRecord(value)) return fail(parser, path, 'must hold an operator');
      return not(parseField(parser, field, value, path, depth + 1));
    default:
      return fail(
        parser,
        path,
        operator.startsWith('$') ? `unknown operator ${operator}` : 'expected an operator',
      );
  }
}

function parseComparison(
  parser: Parser,
  field: StoredField,
  operator: '$eq' | '$gt' | '$gte' | '$lt' | '$lte',
  value: unknown,
  path: Path,
): Condition | null {
  if (operator === '$eq' && value === null) return parseIsNull(parser, field, path);
  const type = scalarOf(parser, field, path);
  if (type === null) return null;
  if (operator !== '$eq' && type !== 'number' && type !== 'date') {
    return fail(parser, path, `${operator} orders numbers and dates, not ${type}s`);
  }
  const operand = parseOperand(parser, type, value, path);
  return operand && { kind: 'compare', path: field.path, type, operator, operand };
}

/** What "no value" means inside a list differs between databases, so it is not asked there. */
function parseIsNull(parser: Parser, field: StoredField, path: Path): Condition | null {
  if (field.kind === 'list') return fail(parser, path, 'a list cannot be compared with null');
  const type = field.kind === 'object' ? 'string' : field.kind;
  return { kind: 'compare', path: field.path, type, operator: '$eq', operand: { literal: null } };
}

function parseMembership(parser: Parser, field: StoredField, value: unknown, path: Path): Condition | null {
  const type = scalarOf(parser, field, path);
  if (type === null) return null;
  if (typeof value === 'string' && looksLikePlaceholder(value)) {
    const placeholder = parsePlaceholder(value);
    if (placeholder === null) return fail(parser, path, `unknown placeholder ${value}`);
    if (!placeholderFitsList(placeholder, type)) return fail(parser, path, `${value} is no list of ${type}s`);
    return { kind: 'in', path: field.path, type, operands: placeholder };
  }
  if (!Array.isArray(value)) return fail(parser, path, 'must be a list');
  if (value.length > MAX_LIST) return fail(parser, path, `holds more than ${MAX_LIST} values`);
  const operands = value.map((item, index) => parseOperand(parser, type, item, [...path, index]));
  if (operands.some((operand) => operand === null)) return null;
  return { kind: 'in', path: field.path, type, operands: operands as Operand[] };
}

function scalarOf(parser: Parser, field: StoredField, path: Path): ScalarKind | null {
  const type = field.kind === 'list' ? field.items : field.kind;
  if (type === null || type === 'object') return fail(parser, path, 'holds no values that could be compared');
  return type;
}

function parseOperand(parser: Parser, type: ScalarKind, value: unknown, path: Path): Operand | null {
  if (typeof value === 'string' && looksLikePlaceholder(value)) {
    const placeholder = parsePlaceholder(value);
    if (placeholder === null) return fail(parser, path, `unknown placeholder ${value}`);
    if (!placeholderFits(placeholder, type))
      return fail(parser, path, `${value} cannot be compared with a ${type}`);
    return { placeholder };
  }
  const literal = parseLiteral(type, value);
  if (literal === null) return fail(parser, path, `${describe(value)} cannot be compared with a ${type}`);
  return { literal };
}

function parseLiteral(type: ScalarKind, value: unknown): Literal {
  if (type === 'date') {
    if (typeof value === 'string') return parseIsoDate(value);
    return value instanceof Date && !Number.isNaN(value.getTime()) ? value : null;
  }
  if (typeof value === 'number') return type === 'number' && Number.isFinite(value) ? value : null;
  return typeof value === type ? (value as Literal) : null;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return `the ${typeof value} ${JSON.stringify(value)}`;
  }
  return 'an object';
}

function all(parts: readonly (Condition | null)[]): Condition | null {
  if (parts.some((part) => part === null)) return null;
  const [first, ...rest] = parts as Condition[];
  return first !== undefined && rest.length === 0 ? first : { kind: 'and', of: parts as Condition[] };
}

function not(condition: Condition | null): Condition | null {
  return condition && { kind: 'not', of: condition };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
