import type { Index } from '../storage/collection.js';
import { MAX_KEY_BYTES } from '../storage/indexKeys.js';
import { afterPrefix, indexPrefix } from '../storage/layout.js';
import type { KeyRange } from '../storage/scan.js';
import type { Conjunct } from './conjuncts.js';
import { descending, type Interval, intersectIntervals, intervalsOf, mergeIntervals } from './intervals.js';

/** What an index has to read for one conjunct. */
export interface Bounds {
  readonly ranges: readonly KeyRange[];
  /** How many leading fields are fixed to listed values. */
  readonly equalities: number;
  /** How many leading fields are fixed to one value each. */
  readonly constants: number;
  /** Whether the field behind the equalities is bounded too. */
  readonly ranged: boolean;
}

const MOST_RANGES = 1000;
// A cut key keeps this many bytes of its beginning: longer bounds would miss it.
const EXACT_BYTES = MAX_KEY_BYTES - 32;

export function boundsFor(index: Index, conjunct: Conjunct): Bounds {
  let prefixes: Buffer[] = [indexPrefix(index.id)];
  let equalities = 0;
  let constants = 0;
  const roots = new Set<string>();
  for (const field of index.fields) {
    const root = field.path.split('.', 1)[0] as string;
    // Two fields of one array may be satisfied by different elements: only one of them bounds the keys.
    if (index.multikey && roots.has(root)) break;
    roots.add(root);
    const ascending = fieldIntervals(conjunct, field.path, index.multikey);
    if (!ascending) break;
    const intervals = field.direction === 1 ? ascending : mergeIntervals(ascending.map(descending));
    const allPoints = intervals.every((interval) => interval.point);
    if (!allPoints || prefixes.length * intervals.length > MOST_RANGES) {
      return { ranges: extend(prefixes, intervals), equalities, constants, ranged: true };
    }
    prefixes = prefixes.flatMap((prefix) => intervals.map(({ start }) => Buffer.concat([prefix, start])));
    if (prefixes.length === 1 && constants === equalities) constants++;
    equalities++;
  }
  return { ranges: prefixes.map(prefixRange), equalities, constants, ranged: false };
}

/** The whole of an index. */
export function wholeIndex(index: Index): KeyRange {
  return prefixRange(indexPrefix(index.id));
}

function fieldIntervals(conjunct: Conjunct, path: string, multikey: boolean): readonly Interval[] | null {
  const lists: (readonly Interval[])[] = [];
  for (const entry of conjunct) {
    const intervals = entry.path === path ? intervalsOf(entry.test) : null;
    if (intervals) lists.push(intervals);
  }
  if (lists.length === 0) return null;
  // Each test may be satisfied by another element of an array, so none narrows the others.
  if (multikey)
    return (
      lists.find((list) => list.every((interval) => interval.point)) ?? (lists[0] as readonly Interval[])
    );
  return lists.reduce(intersectIntervals);
}

const prefixRange = (prefix: Buffer): KeyRange => {
  const start = cut(prefix);
  return { start, end: afterPrefix(start) };
};

function extend(prefixes: readonly Buffer[], intervals: readonly Interval[]): KeyRange[] {
  return prefixes.flatMap((prefix) =>
    intervals.map(({ start, end }) => ({
      start: cut(Buffer.concat([prefix, start])),
      end: cutEnd(Buffer.concat([prefix, end])),
    })),
  );
}

// The 5 bytes of the index's number come on top.
const cut = (bound: Buffer) => (bound.length > EXACT_BYTES + 5 ? bound.subarray(0, EXACT_BYTES + 5) : bound);
const cutEnd = (bound: Buffer) => (bound.length > EXACT_BYTES + 5 ? afterPrefix(cut(bound)) : bound);
