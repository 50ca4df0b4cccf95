import { Decimal128, Double, Int32, Long } from 'bson';

/** `digits * 10 ** exponent`, exactly. */
export interface Exact {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The value as a double if that loses nothing, else its exact decimal form. */
export function readNumber(value: unknown): number | Exact {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (typeof value === 'bigint') return exactOrDouble({ digits: value, exponent: 0 });
  if (value instanceof Long) {
    const near = value.toNumber();
    return Number.isSafeInteger(near) ? near : exactOrDouble({ digits: value.toBigInt(), exponent: 0 });
  }
  if (value instanceof Decimal128) return readDecimal(value.toString());
  throw new TypeError('not a number');
}

function readDecimal(text: string): number | Exact {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text);
  if (!match) return Number(text);
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const digits = BigInt(whole + fraction);
  return exactOrDouble({
    digits: sign === '-' ? -digits : digits,
    exponent: Number(power) - fraction.length,
  });
}

function exactOrDouble(exact: Exact): number | Exact {
  const near = Number(`${exact.digits}e${exact.exponent}`);
  return Number.isFinite(near) && compareExactToDouble(exact, near) === 0 ? near : exact;
}

/** A finite double as `mantissa * 2 ** exponent`. */
function splitDouble(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: value < 0 ? -magnitude : magnitude, exponent: (biased === 0 ? 1 : biased) - 1075 };
}

const order = (left: bigint, right: bigint) => (left < right ? -1 : left > right ? 1 : 0);

/** Compares without rounding; the double is finite. */
export function compareExactToDouble(exact: Exact, value: number): number {
  const { mantissa, exponent } = splitDouble(value);
  let left = exact.digits;
  let right = mantissa;
  if (exact.exponent >= 0) left *= 10n ** BigInt(exact.exponent);
  else right *= 10n ** BigInt(-exact.exponent);
  if (exponent >= 0) right <<= BigInt(exponent);
  else left <<= BigInt(-exponent);
  return order(left, right);
}

function compareExact(left: Exact, right: Exact): number {
  const shift = left.exponent - right.exponent;
  if (shift >= 0) return order(left.digits * 10n ** BigInt(shift), right.digits);
  return order(left.digits, right.digits * 10n ** BigInt(-shift));
}

/** Orders two numbers of any BSON types by value; NaN equals NaN and comes first, -0 equals 0. */
export function compareNumbers(left: unknown, right: unknown): number {
  const a = readNumber(left);
  const b = readNumber(right);
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  if (typeof a !== 'number' && typeof b !== 'number') return compareExact(a, b);
  if (typeof a !== 'number') return -compareDoubleToExact(b as number, a);
  return compareDoubleToExact(a, b as Exact);
}

function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function compareDoubleToExact(a: number, b: Exact): number {
  if (Number.isNaN(a) || a === -Infinity) return -1;
  if (a === Infinity) return 1;
  return -compareExactToDouble(b, a) || 0;
}

/** The greatest double that is not above the exact value. */
export function floorDouble(exact: Exact): number {
  let near = Number(`${exact.digits}e${exact.exponent}`);
  if (near === Infinity) return Number.MAX_VALUE;
  if (near === -Infinity) return -Infinity;
  if (compareExactToDouble(exact, near) < 0) near = previousDouble(near);
  return near;
}

function previousDouble(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  view.setBigUint64(0, value > 0 ? bits - 1n : bits + 1n);
  return view.getFloat64(0);
}
