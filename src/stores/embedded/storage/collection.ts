import type { Doc } from '../bson/value.js';
import type { QueryNode } from '../query/ast.js';
import type { IndexField } from './indexKeys.js';

/** One index: its specification as `listIndexes` returns it, and what was derived from it. */
export interface Index {
  readonly id: number;
  readonly name: string;
  readonly spec: Doc;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  /** The partial filter: only documents that match are in the index. */
  readonly filter: QueryNode | null;
  readonly expireAfterSeconds: number | null;
  /** Some document has several keys: set once, never cleared. */
  multikey: boolean;
  /** Some key was cut: the index gives no exact order any more. */
  truncated: boolean;
}

export interface Collection {
  readonly namespace: string;
  readonly id: number;
  readonly options: Doc;
  readonly uuid: Buffer;
  indexes: Index[];
  nextRecordId: number;
}

export const databaseOf = (namespace: string) => namespace.slice(0, namespace.indexOf('.'));
export const nameOf = (namespace: string) => namespace.slice(namespace.indexOf('.') + 1);
