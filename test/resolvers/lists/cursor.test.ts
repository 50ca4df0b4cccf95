import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { Query } from 'mingo';
import { AppError } from '../../../src/errors.js';
import { createSecretBox } from '../../../src/identity/keys/secretBox.js';
import { beyond, decodeCursor, encodeCursor, type SortValue } from '../../../src/resolvers/lists/cursor.js';

const secrets = createSecretBox(randomBytes(32));
const LIST = 'User email ASC';

const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
) as fc.Arbitrary<SortValue>;

describe('cursors', () => {
  it('bring back the position that they were made from', () => {
    fc.assert(
      fc.property(value, fc.string(), (sortValue, id) => {
        const cursor = encodeCursor(secrets, LIST, { value: sortValue, id });
        expect(decodeCursor(secrets, LIST, cursor, 'after')).to.deep.equal({ value: sortValue, id });
      }),
    );
  });

  it('are refused when a bit was changed, or for another list, order or installation', () => {
    const cursor = encodeCursor(secrets, LIST, { value: 'a', id: '1' });
    const refuse = (text: string, list = LIST, box = secrets) =>
      expect(() => decodeCursor(box, list, text, 'after'))
        .to.throw(AppError)
        .that.deep.includes({ code: 'BAD_USER_INPUT', path: ['after'] });
    const bytes = Buffer.from(cursor, 'base64url');
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      refuse(changed.toString('base64url'));
    }
    refuse('');
    refuse('%%%');
    refuse(cursor, 'User email DESC');
    refuse(cursor, LIST, createSecretBox(randomBytes(32)));
  });

  it('continue a sorted list exactly where it was left, in both directions and through absent values', () => {
    const documents = fc.array(
      fc.record({ field: fc.option(fc.integer({ min: 0, max: 3 })), absent: fc.boolean() }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(documents, fc.constantFrom<1 | -1>(1, -1), fc.nat(11), (rows, direction, at) => {
        const stored = rows.map(({ field, absent }, index) => ({
          _id: String.fromCharCode(97 + index),
          ...(absent && field === null ? {} : { field }),
        }));
        const sorted = new Query({})
          .find<(typeof stored)[number]>(stored)
          .sort({ field: direction, _id: direction })
          .all();
        const here = sorted[at];
        if (!here) return;
        const condition = beyond('field', direction, { value: here.field ?? null, id: here._id });
        const rest = sorted.filter((row) => new Query(condition).test(row));
        expect(rest).to.deep.equal(sorted.slice(at + 1));
      }),
    );
  });
});
