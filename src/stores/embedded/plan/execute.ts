import type { Doc } from '../bson/value.js';
import type { QueryNode } from '../query/ast.js';
import { type MatchDetails, matches } from '../query/match.js';
import { type SortField, sortDocuments } from '../query/sort.js';
import type { Collection, Index } from '../storage/collection.js';
import { readDocument, type StoredDocument } from '../storage/documents.js';
import { recordIdOf } from '../storage/layout.js';
import { scanKeys } from '../storage/scan.js';
import type { Storage } from '../storage/storage.js';
import { choosePlan, type Plan } from './planner.js';

export interface FindRequest {
  readonly query: QueryNode;
  readonly sort?: readonly SortField[];
  readonly skip?: number;
  /** 0 or absent: no limit. */
  readonly limit?: number;
  readonly hint?: Index | null | undefined;
}

export interface Found extends StoredDocument {
  /** The matched array position, for the positional `$`. */
  readonly arrayIndex?: number | undefined;
}

/** What a run has read, for `explain`. */
export interface Statistics {
  keysExamined: number;
  docsExamined: number;
}

export function planFind(storage: Storage, collection: Collection, request: FindRequest): Plan {
  return choosePlan(storage.data, collection, {
    query: request.query,
    sort: request.sort ?? [],
    limited: (request.limit ?? 0) > 0,
    hint: request.hint,
  });
}

/** The matching documents in the order asked for. Reads no further than its consumer takes, unless it has to sort. */
export function* findDocuments(
  storage: Storage,
  collection: Collection,
  request: FindRequest,
  statistics: Statistics = { keysExamined: 0, docsExamined: 0 },
): Generator<Found> {
  const plan = planFind(storage, collection, request);
  let found: Iterable<Found> = matching(storage, collection, plan, request.query, statistics);
  if (!plan.sorted) found = sortDocuments([...found], request.sort ?? [], (entry) => entry.document);
  let skip = request.skip ?? 0;
  let left = request.limit || Number.POSITIVE_INFINITY;
  for (const entry of found) {
    if (skip-- > 0) continue;
    yield entry;
    if (--left <= 0) return;
  }
}

function* matching(
  storage: Storage,
  collection: Collection,
  plan: Plan,
  query: QueryNode,
  statistics: Statistics,
): Generator<Found> {
  for (const stored of candidates(storage, collection, plan, statistics)) {
    const details: MatchDetails = {};
    if (matches(query, stored.document, details)) yield { ...stored, arrayIndex: details.arrayIndex };
  }
}

function* candidates(
  storage: Storage,
  collection: Collection,
  plan: Plan,
  statistics: Statistics,
): Generator<StoredDocument> {
  // A document with several keys in the ranges is given once.
  const seen = plan.index?.multikey ? new Set<number>() : null;
  const ranges = plan.reverse ? [...plan.ranges].reverse() : plan.ranges;
  for (const range of ranges) {
    for (const key of scanKeys(storage.data, range, plan.reverse)) {
      const recordId = recordIdOf(key);
      if (plan.index) statistics.keysExamined++;
      if (seen?.has(recordId)) continue;
      seen?.add(recordId);
      const document: Doc | null = readDocument(storage, collection, recordId);
      if (!document) continue;
      statistics.docsExamined++;
      yield { recordId, document };
    }
  }
}
