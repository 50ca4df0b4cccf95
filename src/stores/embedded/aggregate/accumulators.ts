import { Double, Int32 } from 'bson';
import { add } from '../bson/arithmetic.js';
import { compareValues } from '../bson/compare.js';
import { encodeKey } from '../bson/keyEncoding.js';
import { readNumber } from '../bson/number.js';
import { type Doc, isDocument, MISSING, TypeOrder, typeOrder, type Value } from '../bson/value.js';
import { CommandError, notSupported } from '../errors.js';
import { compileEvaluator } from './expressions.js';

/** Collects one value per document of a group. */
interface Accumulator {
  add(value: Value): void;
  result(): Value;
}

const isNumber = (value: Value) => typeOrder(value) === TypeOrder.number;
const asTyped = (value: Value) =>
  typeof value === 'number'
    ? Number.isInteger(value) && Math.abs(value) < 2 ** 31
      ? new Int32(value)
      : new Double(value)
    : value;
const orNull = (value: Value) => (value === MISSING ? null : value);

function sum(): Accumulator {
  let total: Value = new Int32(0);
  return {
    add(value) {
      if (!isNumber(value)) return;
      const typed = asTyped(value);
      total = add(total, typed) ?? add(new Double(Number(readNumber(total))), typed);
    },
    result: () => total,
  };
}

function average(): Accumulator {
  let total = 0;
  let count = 0;
  return {
    add(value) {
      if (!isNumber(value)) return;
      const number = readNumber(value);
      total += typeof number === 'number' ? number : Number(`${number.digits}e${number.exponent}`);
      count++;
    },
    result: () => (count === 0 ? null : new Double(total / count)),
  };
}

function extreme(sign: 1 | -1): () => Accumulator {
  return () => {
    let best: Value = null;
    return {
      add(value) {
        if (value === MISSING || value === null || value === undefined) return;
        if (best === null || compareValues(value, best) * sign > 0) best = value;
      },
      result: () => best,
    };
  };
}

function first(): Accumulator {
  let found: Value;
  let empty = true;
  return {
    add(value) {
      if (empty) found = orNull(value);
      empty = false;
    },
    result: () => found,
  };
}

function last(): Accumulator {
  let found: Value = null;
  return { add: (value) => (found = orNull(value)), result: () => found };
}

function push(): Accumulator {
  const values: Value[] = [];
  return { add: (value) => value !== MISSING && values.push(value), result: () => values };
}

function addToSet(): Accumulator {
  const values = new Map<string, Value>();
  return {
    add(value) {
      if (value === MISSING) return;
      const key = encodeKey(value).toString('latin1');
      if (!values.has(key)) values.set(key, value);
    },
    result: () => [...values.values()],
  };
}

function mergeObjects(): Accumulator {
  const merged: Doc = {};
  return {
    add(value) {
      if (value === MISSING || value === null) return;
      if (!isDocument(value)) throw new CommandError(40400, '$mergeObjects requires object inputs');
      Object.assign(merged, value);
    },
    result: () => merged,
  };
}

const ACCUMULATORS: Readonly<Record<string, () => Accumulator>> = {
  $sum: sum,
  $avg: average,
  $min: extreme(-1),
  $max: extreme(1),
  $first: first,
  $last: last,
  $push: push,
  $addToSet: addToSet,
  $mergeObjects: mergeObjects,
};

/** Makes the accumulator of one group's field, as a function from the group's documents to its value. */
export function compileAccumulator(
  field: string,
  specification: Value,
  variables: Doc,
): (group: readonly Doc[]) => Value {
  if (!isDocument(specification))
    throw new CommandError(40234, `The field '${field}' must be an accumulator object`);
  const [name, ...more] = Object.keys(specification);
  if (name === undefined || more.length > 0) {
    throw new CommandError(40238, `The field '${field}' must specify one accumulator`);
  }
  if (name === '$count') return (group) => new Int32(group.length);
  const create = Object.hasOwn(ACCUMULATORS, name) ? ACCUMULATORS[name] : undefined;
  if (!create) throw notSupported(`the group operator ${name}`);
  const evaluate = compileEvaluator(specification[name], variables);
  return (group) => {
    const accumulator = create();
    for (const document of group) accumulator.add(evaluate(document));
    return accumulator.result();
  };
}
