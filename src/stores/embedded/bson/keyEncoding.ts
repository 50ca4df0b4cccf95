import { type Binary, type BSONRegExp, BSONSymbol, type Code, type ObjectId, type Timestamp } from 'bson';
import { type Exact, floorDouble, readNumber } from './number.js';
import { type Doc, fieldsOf, TypeOrder, typeOrder, type Value } from './value.js';

/**
 * Bytes whose plain order is the order of `compareValues`, and of which none is the beginning of another: so the
 * keys of a compound index are concatenations, and equality is a prefix.
 */
export function encodeKey(value: Value): Buffer {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return parts.length === 1 ? Buffer.from(parts[0] as Uint8Array) : Buffer.concat(parts);
}

/** Turns ascending key bytes into descending ones. */
export function invertKey(key: Uint8Array): Buffer {
  const inverted = Buffer.allocUnsafe(key.length);
  for (let i = 0; i < key.length; i++) inverted[i] = 0xff - (key[i] as number);
  return inverted;
}

/** The first byte of every key of a bracket; gaps of 8 leave room between neighbours for range ends. */
export const bracketTag = (bracket: number) => bracket * 8;

const TEXT_END = Buffer.from([0, 0]);
const LIST_END = Buffer.from([0]);

function write(value: Value, parts: Uint8Array[]): void {
  const bracket = typeOrder(value);
  parts.push(Buffer.from([bracketTag(bracket)]));
  writeBody(value, bracket, parts);
}

function writeBody(value: Value, bracket: number, parts: Uint8Array[]): void {
  switch (bracket) {
    case TypeOrder.number:
      writeNumber(readNumber(value), parts);
      break;
    case TypeOrder.string:
      writeText(value instanceof BSONSymbol ? value.value : (value as string), parts);
      break;
    case TypeOrder.object:
      writeDocument(fieldsOf(value as Doc), parts);
      break;
    case TypeOrder.array:
      for (const element of value as Value[]) write(element, parts);
      parts.push(LIST_END);
      break;
    case TypeOrder.binary:
      writeBinary(value as Binary, parts);
      break;
    case TypeOrder.objectId:
      parts.push((value as ObjectId).id);
      break;
    case TypeOrder.boolean:
      parts.push(Buffer.from([value ? 1 : 0]));
      break;
    case TypeOrder.date:
      parts.push(signed64(BigInt((value as Date).getTime() || 0)));
      break;
    case TypeOrder.timestamp:
      parts.push(unsigned64((value as Timestamp).toBigInt()));
      break;
    case TypeOrder.regex:
      writeText((value as BSONRegExp).pattern, parts);
      writeText((value as BSONRegExp).options, parts);
      break;
    case TypeOrder.code:
      writeText((value as Code).code, parts);
      break;
    case TypeOrder.codeWithScope:
      writeText((value as Code).code, parts);
      writeDocument((value as Code).scope ?? {}, parts);
      break;
    default:
  }
}

// The server compares an element's type, then its name, then its value.
function writeDocument(document: Doc, parts: Uint8Array[]): void {
  for (const [name, value] of Object.entries(document)) {
    const bracket = typeOrder(value);
    parts.push(Buffer.from([bracketTag(bracket)]));
    writeText(name, parts);
    writeBody(value, bracket, parts);
  }
  parts.push(LIST_END);
}

// A zero byte inside becomes 00 FF, the end is 00 00: shorter texts come first and none is a prefix of another.
function writeText(text: string, parts: Uint8Array[]): void {
  const bytes = Buffer.from(text);
  let from = 0;
  for (let zero = bytes.indexOf(0); zero !== -1; zero = bytes.indexOf(0, from)) {
    parts.push(bytes.subarray(from, zero + 1), Buffer.from([0xff]));
    from = zero + 1;
  }
  parts.push(bytes.subarray(from), TEXT_END);
}

function writeBinary(value: Binary, parts: Uint8Array[]): void {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(value.length());
  head[4] = value.sub_type;
  parts.push(head, value.value());
}

// NaN first; then the greatest double not above the value, and a decimal tail where that double is not exact.
function writeNumber(value: number | Exact, parts: Uint8Array[]): void {
  if (typeof value !== 'number') {
    parts.push(Buffer.from([1]), orderedDouble(floorDouble(value)), Buffer.from([1]), decimalTail(value));
    return;
  }
  if (Number.isNaN(value)) parts.push(Buffer.from([0]));
  else parts.push(Buffer.from([1]), orderedDouble(value), Buffer.from([0]));
}

function orderedDouble(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  if (value < 0) return invertKey(bytes);
  bytes[0] = (bytes[0] as number) ^ 0x80;
  return bytes;
}

function decimalTail(exact: Exact): Buffer {
  const negative = exact.digits < 0n;
  const all = (negative ? -exact.digits : exact.digits).toString();
  const digits = all.replace(/0+$/, '');
  const head = Buffer.alloc(2);
  head.writeUInt16BE(exact.exponent + all.length - 1 + 20_000);
  const tail = Buffer.concat([
    head,
    Buffer.from(digits.split('').map((digit) => Number(digit) + 1)),
    LIST_END,
  ]);
  return negative ? invertKey(tail) : tail;
}

function signed64(value: bigint): Buffer {
  return unsigned64(value + 0x8000000000000000n);
}

function unsigned64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
