import { AppError } from '../../errors.js';
import type { Access } from '../../policies/decision.js';
import type { NodeType } from '../../schema/globalId.js';

type MongoQuery = Record<string, unknown>;

/** How a filter or order key of a list reaches the stored documents. */
export interface ListField {
  readonly path: string;
  /** Brings a compared string into the form in which it is stored at `path`. */
  readonly normalize?: (value: string) => string;
  /** Where documents that have nothing at `path` keep the value as it is compared. */
  readonly plainPath?: string;
}

/** What a list can be filtered and ordered by, by GraphQL field name. */
export type ListFields = Readonly<Record<string, ListField>>;

type Filter = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 3;
const MAX_BRANCHES = 10;
const MAX_VALUES = 100;

const tooMuch = (what: string, limit: number) =>
  new AppError('LIMIT_EXCEEDED', `filter: ${what}`, {
    path: ['filter'],
    publicMessage: `The filter has more than ${limit} ${what}.`,
  });

/**
 * The Mongo query of a filter. A condition on a field holds only for objects of which the viewer may read that field,
 * wherever in `and` and `or` it stands: else the filter would tell what the answer hides.
 * @throws AppError LIMIT_EXCEEDED when it is too deep or too broad
 */
export function filterQuery(
  access: Access,
  type: NodeType,
  fields: ListFields,
  filter: Filter | null | undefined,
  depth = 1,
): MongoQuery[] {
  if (!filter) return [];
  if (depth > MAX_DEPTH) throw tooMuch('levels', MAX_DEPTH);
  const parts: MongoQuery[] = [];
  for (const [key, value] of Object.entries(filter)) {
    if (value === null || value === undefined) continue;
    if (key === 'and' || key === 'or') {
      const branches = value as Filter[];
      if (branches.length > MAX_BRANCHES) throw tooMuch('branches', MAX_BRANCHES);
      if (branches.length === 0) continue;
      const queries = branches.map((branch) => allOf(filterQuery(access, type, fields, branch, depth + 1)));
      parts.push({ [key === 'and' ? '$and' : '$or']: queries });
      continue;
    }
    const field = fields[key];
    if (!field) throw new AppError('INTERNAL', `filter key ${key} of ${type} is not mapped`);
    const conditions = fieldConditions(field, value as Filter);
    if (conditions.length > 0) parts.push(...conditions, access.filter('read', type, key));
  }
  return parts;
}

/** One query for all of them; matches everything when there is none. */
export function allOf(parts: readonly MongoQuery[]): MongoQuery {
  const [only, ...others] = parts.filter((part) => Object.keys(part).length > 0);
  if (!only) return {};
  return others.length === 0 ? only : { $and: [only, ...others] };
}

function fieldConditions({ path, normalize, plainPath }: ListField, conditions: Filter): MongoQuery[] {
  const stored = (value: unknown) => (typeof value === 'string' && normalize ? normalize(value) : value);
  const queries: MongoQuery[] = [];
  for (const [operator, value] of Object.entries(conditions)) {
    if (value === null || value === undefined) continue;
    const query = { [path]: condition(operator, value, stored) };
    const plain = plainPath === undefined ? null : { [plainPath]: condition(operator, value, (one) => one) };
    queries.push(plain ? { $or: [query, plain] } : query);
  }
  return queries;
}

function condition(operator: string, value: unknown, stored: (value: unknown) => unknown): unknown {
  switch (operator) {
    case 'equals':
    case 'has':
      return { $eq: stored(value) };
    case 'in':
    case 'hasAny': {
      const values = value as unknown[];
      if (values.length > MAX_VALUES) throw tooMuch('values in one list', MAX_VALUES);
      return { $in: values.map(stored) };
    }
    case 'startsWith':
      return { $regex: `^${escapeRegExp(String(stored(value)))}` };
    case 'isNull':
      return value === true ? { $eq: null } : { $ne: null };
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { [`$${operator}`]: value };
    default:
      throw new AppError('INTERNAL', `filter operator ${operator} is not mapped`);
  }
}

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
