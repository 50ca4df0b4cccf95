import { type Binary, type BSONRegExp, BSONSymbol, type Code, type ObjectId, type Timestamp } from 'bson';
import { compareNumbers } from './number.js';
import { type Doc, fieldsOf, TypeOrder, typeOrder, type Value } from './value.js';

const compareText = (left: string, right: string) =>
  left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));

const textOf = (value: Value) => (value instanceof BSONSymbol ? value.value : (value as string));

/**
 * The server's total order over all values: first by type bracket, then by value. Numbers compare across their
 * types; missing equals null.
 */
export function compareValues(left: Value, right: Value): number {
  const bracket = typeOrder(left);
  const other = typeOrder(right);
  if (bracket !== other) return bracket - other;
  switch (bracket) {
    case TypeOrder.number:
      return compareNumbers(left, right);
    case TypeOrder.string:
      return compareText(textOf(left), textOf(right));
    case TypeOrder.object:
      return compareDocuments(fieldsOf(left as Doc), fieldsOf(right as Doc));
    case TypeOrder.array:
      return compareArrays(left as Value[], right as Value[]);
    case TypeOrder.binary:
      return compareBinaries(left as Binary, right as Binary);
    case TypeOrder.objectId:
      return Buffer.compare((left as ObjectId).id, (right as ObjectId).id);
    case TypeOrder.boolean:
      return Number(left) - Number(right);
    case TypeOrder.date:
      return Math.sign((left as Date).getTime() - (right as Date).getTime());
    case TypeOrder.timestamp:
      return (left as Timestamp).compare(right as Timestamp);
    case TypeOrder.regex:
      return compareRegexes(left as BSONRegExp, right as BSONRegExp);
    case TypeOrder.code:
    case TypeOrder.codeWithScope:
      return compareCodes(left as Code, right as Code);
    default:
      return 0;
  }
}

export const equalValues = (left: Value, right: Value) => compareValues(left, right) === 0;

function compareDocuments(left: Doc, right: Doc): number {
  const names = Object.keys(left);
  const others = Object.keys(right);
  for (let i = 0; i < Math.min(names.length, others.length); i++) {
    const name = names[i] as string;
    const other = others[i] as string;
    const difference =
      typeOrder(left[name]) - typeOrder(right[other]) ||
      compareText(name, other) ||
      compareValues(left[name], right[other]);
    if (difference !== 0) return difference;
  }
  return names.length - others.length;
}

function compareArrays(left: Value[], right: Value[]): number {
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = compareValues(left[i], right[i]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareBinaries(left: Binary, right: Binary): number {
  return (
    left.length() - right.length() ||
    left.sub_type - right.sub_type ||
    Buffer.compare(left.value(), right.value())
  );
}

function compareRegexes(left: BSONRegExp, right: BSONRegExp): number {
  return compareText(left.pattern, right.pattern) || compareText(left.options, right.options);
}

function compareCodes(left: Code, right: Code): number {
  return compareText(left.code, right.code) || compareDocuments(left.scope ?? {}, right.scope ?? {});
}
