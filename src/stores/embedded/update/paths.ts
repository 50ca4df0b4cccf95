import { type Doc, fieldsOf, getOwn, isDocument, MISSING, setOwn, type Value } from '../bson/value.js';
import { badValue, CommandError } from '../errors.js';
import type { QueryNode } from '../query/ast.js';
import { matches } from '../query/match.js';

/** One place in a document that an operator reads and writes. */
export interface Place {
  read(): Value;
  write(value: Value): void;
  /** Takes a field away; an array's element becomes null, as the server does it. */
  remove(): void;
}

export interface PathContext {
  /** The position that the filter matched, for `$`. */
  readonly arrayIndex: number | undefined;
  /** What `$[name]` stands for. */
  readonly arrayFilters: ReadonlyMap<string, QueryNode>;
}

const ARRAY_INDEX = /^(0|[1-9]\d*)$/;
/** An update must not be able to fill the memory through one large position. */
const MOST_PADDING = 1_500_000;

/**
 * Every place that an update path names. With `create`, missing documents on the way are made; without, paths that
 * do not exist name nothing.
 * @throws CommandError PathNotViable, BadValue
 */
export function placesOf(document: Doc, path: string, context: PathContext, create: boolean): Place[] {
  const places: Place[] = [];
  visit(document, path.split('.'), 0, path, context, create, places);
  return places;
}

function visit(
  container: Value,
  parts: readonly string[],
  at: number,
  path: string,
  context: PathContext,
  create: boolean,
  places: Place[],
): void {
  const part = parts[at] as string;
  for (const key of keysAt(container, part, path, context)) {
    if (!isDocument(container) && !Array.isArray(container)) {
      if (create) throw notViable(part, parts[at - 1] ?? '', container);
      return;
    }
    if (Array.isArray(container) && !ARRAY_INDEX.test(key)) {
      if (create) throw notViable(part, parts[at - 1] ?? '', container);
      return;
    }
    const place = placeIn(container, key);
    if (at === parts.length - 1) {
      if (create || place.read() !== MISSING) places.push(place);
      continue;
    }
    if (place.read() === MISSING) {
      if (!create) continue;
      place.write({});
    }
    visit(place.read(), parts, at + 1, path, context, create, places);
  }
}

function keysAt(container: Value, part: string, path: string, context: PathContext): readonly string[] {
  if (part === '$') {
    if (context.arrayIndex === undefined) {
      throw badValue('The positional operator did not find the match needed from the query.');
    }
    return [String(context.arrayIndex)];
  }
  if (!part.startsWith('$[')) return [part];
  if (!Array.isArray(container)) {
    throw badValue(`The path '${path}' must exist in the document in order to apply array updates.`);
  }
  const all = container.map((_, i) => i);
  if (part === '$[]') return all.map(String);
  const filter = context.arrayFilters.get(part.slice(2, -1));
  if (!filter)
    throw badValue(`No array filter found for identifier '${part.slice(2, -1)}' in path '${path}'`);
  const name = part.slice(2, -1);
  return all.filter((i) => matches(filter, { [name]: container[i] })).map(String);
}

function notViable(part: string, parent: string, container: Value): CommandError {
  const kind = Array.isArray(container) ? 'an array' : 'a value that is no document';
  return new CommandError(28, `Cannot create field '${part}' in element '${parent}', which is ${kind}`);
}

function placeIn(container: Doc | Value[], key: string): Place {
  return Array.isArray(container) ? placeInArray(container, Number(key)) : placeInDocument(container, key);
}

function placeInDocument(document: Doc, key: string): Place {
  return {
    read: () => getOwn(fieldsOf(document), key),
    write: (value) => setOwn(document, key, value),
    remove: () => {
      delete document[key];
    },
  };
}

function placeInArray(array: Value[], index: number): Place {
  return {
    read: () => (index < array.length ? array[index] : MISSING),
    write: (value) => {
      if (index - array.length > MOST_PADDING)
        throw badValue('cannot set an array element that far beyond its end');
      while (array.length < index) array.push(null);
      array[index] = value;
    },
    remove: () => {
      if (index < array.length) array[index] = null;
    },
  };
}
