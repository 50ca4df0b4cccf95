import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { compareValues } from '../../../../src/stores/embedded/bson/compare.js';
import { encodeKey, invertKey } from '../../../../src/stores/embedded/bson/keyEncoding.js';

const number = fc.oneof(
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  // Around 2^53, where doubles stop to be exact.
  fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n }).map((value) => Long.fromBigInt(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => new Double(value)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -30, max: 30 }))
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc
    .constantFrom('0.1', '-0.1', '1E+6000', '-1E+6000', '1E-6000', 'NaN', 'Infinity', '-Infinity')
    .map((text) => Decimal128.fromString(text)),
);
/** Every code point but the halves of pairs; fast-check's own unit `binary` builds a table of a million first. */
const character = fc
  .oneof(fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point));
const leaf = fc.oneof(
  number,
  fc.string({ unit: character, maxLength: 4 }),
  fc.constantFrom('', '\0', 'a', 'a\0', 'a\0b', 'ab', 'a\u0001'),
  fc.constantFrom(null, true, false, new MinKey(), new MaxKey()),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
);
const name = fc.constantFrom('a', 'b', 'ab', '');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(name, tie('value'), { maxKeys: 2, noNullPrototype: true }) },
  ),
}));

describe('the encoding of index keys', () => {
  it('orders bytes as values compare', () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        const bytes = Buffer.compare(encodeKey(left), encodeKey(right));
        expect(Math.sign(bytes)).to.equal(Math.sign(compareValues(left, right)));
      }),
      { numRuns: 5000 },
    );
  });

  it('orders numbers of all types by their exact value', () => {
    fc.assert(
      fc.property(number, number, (left, right) => {
        const bytes = Buffer.compare(encodeKey(left), encodeKey(right));
        expect(Math.sign(bytes)).to.equal(Math.sign(compareValues(left, right)));
      }),
      { numRuns: 5000 },
    );
  });

  it('reverses the order when inverted', () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        const bytes = Buffer.compare(invertKey(encodeKey(left)), invertKey(encodeKey(right)));
        expect(Math.sign(bytes)).to.equal(Math.sign(compareValues(right, left)));
      }),
      { numRuns: 2000 },
    );
  });

  it('makes no key the beginning of another', () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        const [one, other] = [encodeKey(left), encodeKey(right)];
        if (one.equals(other)) return;
        expect(other.subarray(0, one.length).equals(one)).to.equal(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('tells 2^53 and 2^53 + 1 apart', () => {
    const [even, odd] = [Long.fromBigInt(2n ** 53n), Long.fromBigInt(2n ** 53n + 1n)];
    expect(encodeKey(even).compare(encodeKey(odd))).to.equal(-1);
    expect(encodeKey(even).equals(encodeKey(new Double(2 ** 53)))).to.equal(true);
  });
});
