import type { QueryNode } from '../query/ast.js';
import type { SortField } from '../query/sort.js';
import type { Collection, Index } from '../storage/collection.js';
import type { DataFile } from '../storage/dataFile.js';
import { afterPrefix, documentPrefix } from '../storage/layout.js';
import type { KeyRange } from '../storage/scan.js';
import { type Bounds, boundsFor, wholeIndex } from './bounds.js';
import { type Conjunct, conjunctsOf } from './conjuncts.js';
import { implies, requiresField } from './implication.js';

/** How a query is read: which keys, in which direction, and whether that already is the order asked for. */
export interface Plan {
  /** Null: the collection itself, in order of insertion. */
  readonly index: Index | null;
  readonly ranges: readonly KeyRange[];
  readonly reverse: boolean;
  readonly sorted: boolean;
}

export interface PlanRequest {
  readonly query: QueryNode;
  readonly sort: readonly SortField[];
  readonly limited: boolean;
  /** The index to take, null to read the collection; undefined: the planner chooses. */
  readonly hint?: Index | null | undefined;
}

interface Candidate extends Plan {
  readonly index: Index;
  readonly equalities: number;
  readonly ranged: boolean;
  readonly bounded: boolean;
}

/** More keys than this are better read in the order asked for than sorted afterwards. */
const CHEAP_TO_SORT = 500;

/** Chooses an index: the most equalities first, then a range, then the order; the collection when none helps. */
export function choosePlan(data: DataFile, collection: Collection, request: PlanRequest): Plan {
  if (request.hint === null) return collectionScan(collection, request.sort);
  const conjuncts = conjunctsOf(request.query);
  const indexes = request.hint ? [request.hint] : collection.indexes;
  const candidates = indexes.flatMap((index) => candidateFor(index, conjuncts, request.sort) ?? []);
  if (request.hint) return candidates[0] ?? collectionScan(collection, request.sort);
  const bounded = candidates.filter((candidate) => candidate.bounded).sort(byNarrowness)[0];
  const sorted = candidates.filter((candidate) => candidate.sorted).sort(byNarrowness)[0];
  if (!bounded) return (request.sort.length > 0 && sorted) || collectionScan(collection, request.sort);
  if (request.sort.length === 0 || bounded.sorted || !sorted || !request.limited) return bounded;
  return isSmall(data, bounded.ranges) ? bounded : sorted;
}

function collectionScan(collection: Collection, sort: readonly SortField[]): Plan {
  const start = documentPrefix(collection.id);
  return {
    index: null,
    ranges: [{ start, end: afterPrefix(start) }],
    reverse: false,
    sorted: sort.length === 0,
  };
}

function byNarrowness(left: Candidate, right: Candidate): number {
  const points = (plan: Candidate) =>
    (plan.index.unique && plan.equalities === plan.index.fields.length ? 1000 : 0) +
    plan.equalities * 100 +
    (plan.ranged ? 10 : 0) +
    (plan.sorted ? 1 : 0);
  return points(right) - points(left);
}

function candidateFor(
  index: Index,
  conjuncts: readonly Conjunct[],
  sort: readonly SortField[],
): Candidate | null {
  if (!conjuncts.every((conjunct) => holds(index, conjunct))) return null;
  const all = conjuncts.map((conjunct) => boundsFor(index, conjunct));
  const bounded = all.every((bounds) => bounds.equalities > 0 || bounds.ranged);
  const ranges = bounded ? mergeRanges(all.flatMap((bounds) => bounds.ranges)) : [wholeIndex(index)];
  const direction = sortDirection(index, all, sort, ranges);
  return {
    index,
    ranges,
    reverse: direction === -1,
    sorted: sort.length === 0 || direction !== null,
    equalities: bounded ? Math.min(...all.map((bounds) => bounds.equalities)) : 0,
    ranged: bounded && all.every((bounds) => bounds.ranged),
    bounded,
  };
}

/** Whether the index has every document that can satisfy the conjunct. */
function holds(index: Index, conjunct: Conjunct): boolean {
  if (index.filter && !implies(conjunct, index.filter)) return false;
  return !index.sparse || index.fields.some((field) => requiresField(conjunct, field.path));
}

/** The direction in which the index gives the order asked for, or null. */
function sortDirection(
  index: Index,
  all: readonly Bounds[],
  sort: readonly SortField[],
  ranges: readonly KeyRange[],
): 1 | -1 | null {
  // An array has one place in a sort but many in an index.
  if (sort.length === 0 || index.multikey || index.truncated) return null;
  const constants = ranges.length === 1 && all.length === 1 ? (all[0] as Bounds).constants : 0;
  for (let skip = 0; skip <= constants; skip++) {
    const direction = directionFrom(index, skip, sort);
    if (direction !== null) return direction;
  }
  return null;
}

function directionFrom(index: Index, skip: number, sort: readonly SortField[]): 1 | -1 | null {
  let common: 1 | -1 | null = null;
  for (const [i, wanted] of sort.entries()) {
    const field = index.fields[skip + i];
    if (field?.path !== wanted.path) return null;
    const direction = field.direction === wanted.direction ? 1 : -1;
    if (common !== null && direction !== common) return null;
    common = direction;
  }
  return common;
}

function mergeRanges(ranges: readonly KeyRange[]): readonly KeyRange[] {
  const sorted = [...ranges].sort((left, right) => left.start.compare(right.start));
  const merged: KeyRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (range.start.compare(range.end) >= 0) continue;
    if (!last || range.start.compare(last.end) > 0) merged.push(range);
    else if (range.end.compare(last.end) > 0)
      merged[merged.length - 1] = { start: last.start, end: range.end };
  }
  return merged;
}

function isSmall(data: DataFile, ranges: readonly KeyRange[]): boolean {
  let left = CHEAP_TO_SORT;
  for (const { start, end } of ranges) {
    left -= data.getKeysCount({ start, end, limit: left + 1 });
    if (left < 0) return false;
  }
  return true;
}
