import { bracketTag, encodeKey, invertKey } from '../bson/keyEncoding.js';
import { readNumber } from '../bson/number.js';
import { TYPE_CODES, TypeOrder, typeOrder, type Value } from '../bson/value.js';
import type { Predicate, RangeOperator } from '../query/ast.js';
import { literalPrefix } from '../query/regex.js';
import { afterPrefix } from '../storage/layout.js';

/** A stretch of one index field's key bytes; a point holds exactly one value. */
export interface Interval {
  readonly start: Buffer;
  /** Left out. */
  readonly end: Buffer;
  readonly point: boolean;
}

/** Ascending intervals that cover every value which satisfies the test, or null if it does not bound the field. */
export function intervalsOf(test: Predicate): readonly Interval[] | null {
  switch (test.op) {
    case '$eq':
      return pointsOf(test.value);
    case '$in':
      return test.patterns.length > 0 ? null : allPoints(test.values);
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return rangeOf(test.op, test.value);
    case '$type':
      return typesOf(test.codes);
    case '$regex':
      return prefixOf(test.pattern, test.options);
    default:
      return null;
  }
}

const point = (value: Value): Interval => {
  const start = encodeKey(value);
  return { start, end: afterPrefix(start), point: true };
};

const wholeBracket = (bracket: number): Interval => ({
  start: Buffer.from([bracketTag(bracket)]),
  end: Buffer.from([bracketTag(bracket) + 1]),
  point: false,
});

function pointsOf(value: Value): readonly Interval[] | null {
  if (Array.isArray(value)) return null;
  // An empty array is indexed as undefined, and what lies beyond it may count as missing.
  if (value === null || value === undefined) return [point(undefined), point(null)];
  return [point(value)];
}

function allPoints(values: readonly Value[]): readonly Interval[] | null {
  const points: Interval[] = [];
  for (const value of values) {
    const found = pointsOf(value);
    if (!found) return null;
    points.push(...found);
  }
  return mergeIntervals(points);
}

const ORDERED_BRACKETS: ReadonlySet<number> = new Set([
  TypeOrder.number,
  TypeOrder.string,
  TypeOrder.binary,
  TypeOrder.objectId,
  TypeOrder.boolean,
  TypeOrder.date,
  TypeOrder.timestamp,
]);

function rangeOf(op: RangeOperator, value: Value): readonly Interval[] | null {
  const bracket = typeOrder(value);
  if (bracket === TypeOrder.null && (op === '$gte' || op === '$lte')) return pointsOf(null);
  if (!ORDERED_BRACKETS.has(bracket)) return null;
  if (bracket === TypeOrder.number && Number.isNaN(readNumber(value))) return null;
  const whole = wholeBracket(bracket);
  const key = encodeKey(value);
  switch (op) {
    case '$gt':
      return [{ start: afterPrefix(key), end: whole.end, point: false }];
    case '$gte':
      return [{ start: key, end: whole.end, point: false }];
    case '$lt':
      return [{ start: whole.start, end: key, point: false }];
    default:
      return [{ start: whole.start, end: afterPrefix(key), point: false }];
  }
}

const BRACKET_OF_CODE: ReadonlyMap<number, number> = new Map([
  [TYPE_CODES.double as number, TypeOrder.number],
  [TYPE_CODES.int as number, TypeOrder.number],
  [TYPE_CODES.long as number, TypeOrder.number],
  [TYPE_CODES.decimal as number, TypeOrder.number],
  [TYPE_CODES.string as number, TypeOrder.string],
  [TYPE_CODES.binData as number, TypeOrder.binary],
  [TYPE_CODES.objectId as number, TypeOrder.objectId],
  [TYPE_CODES.bool as number, TypeOrder.boolean],
  [TYPE_CODES.date as number, TypeOrder.date],
  [TYPE_CODES.timestamp as number, TypeOrder.timestamp],
]);

function typesOf(codes: ReadonlySet<number>): readonly Interval[] | null {
  const intervals: Interval[] = [];
  for (const code of codes) {
    const bracket = BRACKET_OF_CODE.get(code);
    if (bracket === undefined) return null;
    intervals.push(wholeBracket(bracket));
  }
  return mergeIntervals(intervals);
}

function prefixOf(pattern: string, options: string): readonly Interval[] | null {
  const prefix = literalPrefix(pattern, options);
  if (prefix === '' || prefix.includes('\0')) return null;
  const start = Buffer.concat([Buffer.from([bracketTag(TypeOrder.string)]), Buffer.from(prefix)]);
  // A stored regular expression equal to the pattern matches too.
  return [{ start, end: afterPrefix(start), point: false }, wholeBracket(TypeOrder.regex)];
}

/** Sorts intervals and joins those that touch. */
export function mergeIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((left, right) => left.start.compare(right.start));
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (!last || interval.start.compare(last.end) >= 0) merged.push(interval);
    else if (interval.end.compare(last.end) > 0) {
      merged[merged.length - 1] = { start: last.start, end: interval.end, point: false };
    }
  }
  return merged;
}

/** What lies in both lists. */
export function intersectIntervals(
  left: readonly Interval[],
  right: readonly Interval[],
): readonly Interval[] {
  const common: Interval[] = [];
  for (const one of left) {
    for (const other of right) {
      const start = one.start.compare(other.start) >= 0 ? one.start : other.start;
      const end = one.end.compare(other.end) <= 0 ? one.end : other.end;
      if (start.compare(end) < 0) common.push({ start, end, point: one.point || other.point });
    }
  }
  return common;
}

/** The same stretch in a descending field: the bytes are inverted and so are the ends. */
export function descending(interval: Interval): Interval {
  // Both ends are first keys not reached from their side; inverting keeps that only for whole prefixes.
  if (interval.point) {
    const start = invertKey(interval.start);
    return { start, end: afterPrefix(start), point: true };
  }
  return { start: invertedEnd(interval.end), end: invertedEnd(interval.start), point: false };
}

// k < end  <=>  ~k > ~end, and every key that continues ~end is still outside.
const invertedEnd = (bound: Buffer) => afterPrefix(invertKey(bound));
