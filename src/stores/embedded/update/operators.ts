import { Timestamp } from 'bson';
import { add, multiply, zeroLike } from '../bson/arithmetic.js';
import { compareValues } from '../bson/compare.js';
import { clone, isDocument, MISSING, plain, TypeOrder, typeOrder, type Value } from '../bson/value.js';
import { badValue, CommandError, typeMismatch } from '../errors.js';
import type { ExpressionCompiler } from '../query/parse.js';
import { addToSet, pop, pull, pullAll, push } from './arrays.js';
import type { Place } from './paths.js';

export interface OperatorContext {
  readonly now: Date;
  readonly compileExpression: ExpressionCompiler;
}

export interface UpdateOperator {
  /** Whether missing documents on the path are made. */
  readonly creates: boolean;
  apply(place: Place, operand: Value, context: OperatorContext): void;
}

const isNumber = (value: Value) => typeOrder(value) === TypeOrder.number;

function arithmetic(
  name: string,
  verb: string,
  combine: typeof add,
  absent: (operand: Value) => Value,
): UpdateOperator {
  return {
    creates: true,
    apply(place, operand) {
      if (!isNumber(operand)) throw typeMismatch(`Cannot ${verb} with non-numeric argument`);
      const current = place.read();
      if (current === MISSING) return place.write(absent(operand));
      if (!isNumber(current)) throw typeMismatch(`Cannot apply ${name} to a value of non-numeric type`);
      const result = combine(current, operand);
      if (result === null)
        throw badValue(`Failed to apply ${name} operations to current value: the result does not fit a long`);
      place.write(result);
    },
  };
}

function extreme(sign: 1 | -1): UpdateOperator {
  return {
    creates: true,
    apply(place, operand) {
      const current = place.read();
      if (current === MISSING || compareValues(operand, current) * sign > 0) place.write(clone(operand));
    },
  };
}

/** An operator on arrays that changes nothing where there is no array. */
function onArray(
  creates: boolean,
  change: (current: Value, operand: Value, context: OperatorContext) => Value[],
): UpdateOperator {
  return {
    creates,
    apply(place, operand, context) {
      place.write(change(place.read(), clone(operand), context));
    },
  };
}

const set: UpdateOperator = { creates: true, apply: (place, operand) => place.write(clone(operand)) };

/** The update operators that are known; `$setOnInsert` and `$rename` have rules of their own. */
export const UPDATE_OPERATORS: Readonly<Record<string, UpdateOperator>> = {
  $set: set,
  $setOnInsert: set,
  $unset: { creates: false, apply: (place) => place.remove() },
  $inc: arithmetic('$inc', 'increment', add, (operand) => operand),
  $mul: arithmetic('$mul', 'multiply', multiply, zeroLike),
  $min: extreme(-1),
  $max: extreme(1),
  $currentDate: {
    creates: true,
    apply: (place, operand, context) => place.write(currentDate(operand, context.now)),
  },
  $push: onArray(true, push),
  $addToSet: onArray(true, addToSet),
  $pop: onArray(false, pop),
  $pull: onArray(false, (current, operand, context) => pull(current, operand, context.compileExpression)),
  $pullAll: onArray(false, pullAll),
};

function currentDate(operand: Value, now: Date): Value {
  if (typeof operand === 'boolean') return now;
  if (!isDocument(operand)) throw badValue('$currentDate needs a boolean or a document with $type');
  const type = plain(operand.$type);
  if (type === 'date') return now;
  if (type !== 'timestamp')
    throw new CommandError(2, "The '$type' string field is required to be 'date' or 'timestamp'");
  return new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
}
