import { equalValues } from '../bson/compare.js';
import { clone, type Doc, getOwn, isDocument, MISSING, type Value } from '../bson/value.js';
import { CommandError, failedToParse, notSupported } from '../errors.js';
import type { QueryNode } from '../query/ast.js';
import { type ExpressionCompiler, parseQuery } from '../query/parse.js';
import { UPDATE_OPERATORS } from './operators.js';
import { placesOf } from './paths.js';

interface Change {
  readonly operator: string;
  readonly path: string;
  readonly operand: Value;
}

/** Turns documents into their successors through an aggregation pipeline. */
export type PipelineRunner = (pipeline: readonly Value[], document: Doc) => Doc;

/** A parsed update statement. */
export type Update =
  | { readonly kind: 'replacement'; readonly document: Doc }
  | { readonly kind: 'pipeline'; readonly run: (document: Doc) => Doc }
  | {
      readonly kind: 'operators';
      readonly changes: readonly Change[];
      readonly arrayFilters: ReadonlyMap<string, QueryNode>;
      readonly compileExpression: ExpressionCompiler;
    };

export interface UpdateParsers {
  readonly compileExpression: ExpressionCompiler;
  readonly runPipeline: PipelineRunner;
}

/** @throws CommandError FailedToParse, ConflictingUpdateOperators, NotImplemented */
export function parseUpdate(update: Value, arrayFilters: Value, parsers: UpdateParsers): Update {
  if (Array.isArray(update)) {
    if (arrayFilters !== undefined)
      throw failedToParse('arrayFilters may not be specified for pipeline-style updates');
    return { kind: 'pipeline', run: (document) => parsers.runPipeline(update, document) };
  }
  if (!isDocument(update)) throw failedToParse('Update argument must be either an object or an array');
  const names = Object.keys(update);
  if (!names[0]?.startsWith('$')) {
    const operator = names.find((name) => name.startsWith('$'));
    if (operator)
      throw new CommandError(
        52,
        `The dollar ($) prefixed field '${operator}' is not allowed in the context of an update's replacement document.`,
      );
    return { kind: 'replacement', document: update };
  }
  const changes = names.flatMap((operator) => parseOperator(operator, update[operator]));
  assertNoConflict(changes);
  const filters = parseArrayFilters(arrayFilters, parsers.compileExpression);
  assertFiltersUsed(changes, filters);
  return {
    kind: 'operators',
    // The server applies fields by name, so new ones appear in this order.
    changes: changes.sort((left, right) => comparePaths(left.path, right.path)),
    arrayFilters: filters,
    compileExpression: parsers.compileExpression,
  };
}

function parseOperator(operator: string, operands: Value): Change[] {
  if (operator === '$bit') throw notSupported('the update operator $bit');
  if (operator !== '$rename' && !Object.hasOwn(UPDATE_OPERATORS, operator)) {
    throw failedToParse(
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDocument(operands)) {
    throw failedToParse(`Modifiers operate on fields but we found a value of another type for ${operator}.`);
  }
  return Object.entries(operands).map(([path, operand]) => {
    assertPath(path);
    if (operator === '$rename') assertRename(path, operand);
    return { operator, path, operand };
  });
}

function assertPath(path: string): void {
  if (path === '') throw new CommandError(56, 'An empty update path is not valid.');
  const parts = path.split('.');
  if (parts.includes('')) {
    throw new CommandError(
      56,
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  if (parts[0]?.startsWith('$')) {
    throw new CommandError(52, `The dollar ($) prefixed field '${path}' is not valid for storage.`);
  }
  const wrong = parts.find(
    (part) => part.startsWith('$') && part !== '$' && !/^\$\[[a-z]?[\w]*\]$/i.test(part),
  );
  if (wrong)
    throw new CommandError(
      52,
      `The dollar ($) prefixed field '${wrong}' in '${path}' is not allowed in an update path.`,
    );
}

function assertRename(path: string, target: Value): void {
  if (typeof target !== 'string') throw new CommandError(2, "The 'to' field for $rename must be a string");
  assertPath(target);
  if (path === target)
    throw new CommandError(2, `The source and target field for $rename must differ: ${path}`);
  if ([path, target].some((name) => name.includes('$')))
    throw new CommandError(2, 'The fields of $rename may not be dynamic');
}

function assertNoConflict(changes: readonly Change[]): void {
  const paths = changes.flatMap((change) =>
    change.operator === '$rename' ? [change.path, change.operand as string] : [change.path],
  );
  const sorted = paths.map((path) => `${path}.`).sort();
  for (let i = 1; i < sorted.length; i++) {
    const shorter = sorted[i - 1] as string;
    if (!sorted[i]?.startsWith(shorter)) continue;
    const path = sorted[i]?.slice(0, -1);
    throw new CommandError(
      40,
      `Updating the path '${path}' would create a conflict at '${shorter.slice(0, -1)}'`,
    );
  }
}

function parseArrayFilters(
  given: Value,
  compileExpression: ExpressionCompiler,
): ReadonlyMap<string, QueryNode> {
  const filters = new Map<string, QueryNode>();
  for (const filter of Array.isArray(given) ? given : []) {
    if (!isDocument(filter)) throw new CommandError(14, 'an array filter must be an object');
    const names = new Set(Object.keys(filter).map((path) => path.split('.', 1)[0] as string));
    const [name] = names;
    if (names.size !== 1 || !name || name.startsWith('$')) {
      throw failedToParse('Expected a single top-level field name in an array filter of the embedded engine');
    }
    if (filters.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    filters.set(name, parseQuery(filter, compileExpression));
  }
  return filters;
}

function assertFiltersUsed(changes: readonly Change[], filters: ReadonlyMap<string, QueryNode>): void {
  for (const name of filters.keys()) {
    if (changes.some((change) => change.path.split('.').includes(`$[${name}]`))) continue;
    throw failedToParse(`The array filter for identifier '${name}' was not used in the update`);
  }
}

function comparePaths(left: string, right: string): number {
  const others = right.split('.');
  for (const [i, part] of left.split('.').entries()) {
    const other = others[i];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (/^\d+$/.test(part) && /^\d+$/.test(other)) return Number(part) - Number(other);
    return part < other ? -1 : 1;
  }
  return -1;
}

export interface ApplyContext {
  readonly arrayIndex?: number | undefined;
  readonly inserting: boolean;
  readonly now: Date;
}

/**
 * The document after the update; the given one is left as it is.
 * @throws CommandError ImmutableField when `_id` would change, and those of the operators
 */
export function applyUpdate(document: Doc, update: Update, context: ApplyContext): Doc {
  const result = changed(document, update, context);
  const before = getOwn(document, '_id');
  const after = getOwn(result, '_id');
  if (before !== MISSING && (after === MISSING || !equalValues(before, after))) {
    throw new CommandError(
      66,
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
  return before === MISSING && after === MISSING ? result : { _id: after, ...result };
}

function changed(document: Doc, update: Update, context: ApplyContext): Doc {
  if (update.kind === 'pipeline') return keepingId(document, update.run(document));
  if (update.kind === 'replacement') return keepingId(document, update.document);
  const result = clone(document);
  const paths = { arrayIndex: context.arrayIndex, arrayFilters: update.arrayFilters };
  const operators = { now: context.now, compileExpression: update.compileExpression };
  for (const change of update.changes) {
    if (change.operator === '$setOnInsert' && !context.inserting) continue;
    if (change.operator === '$rename') {
      rename(result, change.path, change.operand as string);
      continue;
    }
    const operator = UPDATE_OPERATORS[change.operator];
    if (!operator) continue;
    for (const place of placesOf(result, change.path, paths, operator.creates)) {
      operator.apply(place, change.operand, operators);
    }
  }
  return result;
}

/** What replaces a whole document takes its `_id` over. */
function keepingId(before: Doc, after: Doc): Doc {
  const id = getOwn(before, '_id');
  return id === MISSING || '_id' in after ? { ...after } : { _id: id, ...after };
}

const NO_ARRAYS = { arrayIndex: undefined, arrayFilters: new Map<string, QueryNode>() };

function rename(document: Doc, from: string, to: string): void {
  const [source] = placesOf(document, from, NO_ARRAYS, false);
  if (!source) return;
  const value = source.read();
  source.remove();
  for (const place of placesOf(document, to, NO_ARRAYS, true)) place.write(value);
}
