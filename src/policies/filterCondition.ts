import type { ScalarKind } from './catalog.js';
import type { Condition, Operand } from './condition.js';
import { bindList, bindValue, type Facts } from './placeholder.js';

/** A Mongo query; true: every document, false: none. */
export type Filter = Record<string, unknown> | boolean;

/** Matches no document, and every planner knows it without a scan. */
export const NOTHING: Readonly<Record<string, unknown>> = { _id: { $in: [] } };

/**
 * The condition as a Mongo query over stored paths, with this request's values. Matches exactly the documents that
 * `compileMatcher` with the same `whenUnbound` matches. Every value stands behind an operator, so none can be one.
 */
export function filterOfCondition(condition: Condition, facts: Facts, whenUnbound: boolean): Filter {
  switch (condition.kind) {
    case 'and':
      return allOf(condition.of.map((part) => filterOfCondition(part, facts, whenUnbound)));
    case 'or':
      return anyOf(condition.of.map((part) => filterOfCondition(part, facts, whenUnbound)));
    case 'not':
      return noneOf(filterOfCondition(condition.of, facts, !whenUnbound));
    case 'exists':
      return { [condition.path]: { $exists: true } };
    case 'compare': {
      const value = valueOf(condition.operand, condition.type, facts);
      return value === undefined ? whenUnbound : { [condition.path]: { [condition.operator]: value } };
    }
    default:
      return filterOfMembership(condition, facts, whenUnbound);
  }
}

function filterOfMembership(
  { path, type, operands }: Extract<Condition, { kind: 'in' }>,
  facts: Facts,
  whenUnbound: boolean,
): Filter {
  if ('name' in operands) {
    const list = bindList(operands, facts);
    return list === undefined ? whenUnbound : within(path, list);
  }
  const values = operands.map((operand) => valueOf(operand, type, facts));
  if (whenUnbound && values.includes(undefined)) return true;
  return within(
    path,
    values.filter((value) => value !== undefined),
  );
}

function within(path: string, values: readonly unknown[]): Filter {
  return values.length === 0 ? false : { [path]: { $in: [...values] } };
}

function valueOf(operand: Operand, type: ScalarKind, facts: Facts): unknown {
  return 'literal' in operand ? operand.literal : bindValue(operand.placeholder, type, facts);
}

/** Documents that all the filters match. */
export function allOf(filters: readonly Filter[]): Filter {
  if (filters.includes(false)) return false;
  const open = filters.filter((filter) => typeof filter !== 'boolean');
  if (open.length === 0) return true;
  return open.length === 1 && open[0] !== undefined ? open[0] : { $and: open };
}

/** Documents that at least one of the filters matches. */
export function anyOf(filters: readonly Filter[]): Filter {
  if (filters.includes(true)) return true;
  const open = filters.filter((filter) => typeof filter !== 'boolean');
  if (open.length === 0) return false;
  return open.length === 1 && open[0] !== undefined ? open[0] : { $or: open };
}

/** Documents that the filter does not match; `$nor`, because it alone turns round every meaning of lists and null. */
export function noneOf(filter: Filter): Filter {
  return typeof filter === 'boolean' ? !filter : { $nor: [filter] };
}

/** What the database is asked. */
export function toQuery(filter: Filter): Record<string, unknown> {
  if (typeof filter !== 'boolean') return filter;
  return filter ? {} : { ...NOTHING };
}
