import { Decimal128, Double, Int32, Long } from 'bson';
import { notSupported } from '../errors.js';
import { readNumber } from './number.js';
import type { Value } from './value.js';

/** The sum in the wider type of the two, null when it does not fit a long. */
export function add(left: Value, right: Value): Value {
  return combine(
    left,
    right,
    (a, b) => a + b,
    (a, b) => a + b,
  );
}

/** The product in the wider type of the two, null when it does not fit a long. */
export function multiply(left: Value, right: Value): Value {
  return combine(
    left,
    right,
    (a, b) => a * b,
    (a, b) => a * b,
  );
}

/** Zero in the type of the given number. */
export function zeroLike(value: Value): Value {
  if (value instanceof Long) return Long.fromNumber(0);
  if (value instanceof Double) return new Double(0);
  if (value instanceof Decimal128) return Decimal128.fromString('0');
  return new Int32(0);
}

const isWhole = (value: Value) => value instanceof Int32 || value instanceof Long;

function combine(
  left: Value,
  right: Value,
  doubles: (a: number, b: number) => number,
  whole: (a: bigint, b: bigint) => bigint,
): Value {
  if (left instanceof Decimal128 || right instanceof Decimal128) throw notSupported('arithmetic on decimals');
  if (!isWhole(left) || !isWhole(right)) return new Double(doubles(toDouble(left), toDouble(right)));
  const result = whole(toBigInt(left), toBigInt(right));
  const fitsInt = BigInt.asIntN(32, result) === result;
  if (fitsInt && left instanceof Int32 && right instanceof Int32) return new Int32(Number(result));
  return BigInt.asIntN(64, result) === result ? Long.fromBigInt(result) : null;
}

function toDouble(value: Value): number {
  const number = readNumber(value);
  return typeof number === 'number' ? number : Number(number.digits);
}

function toBigInt(value: Value): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt((value as Int32).value);
}
