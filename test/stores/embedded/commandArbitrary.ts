import { Double, Int32, Long, ObjectId } from 'bson';
import * as fc from 'fast-check';

type Json = Record<string, unknown>;

/** Values of the kinds that Fieldgate stores, few enough that they often meet. */
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -2, max: 3 }).map((value) => new Int32(value)),
  fc.constantFrom(
    new Double(1.5),
    new Double(2),
    new Double(-0.5),
    Long.fromNumber(2),
    Long.fromBigInt(9007199254740993n),
  ),
  fc.constantFrom('', 'a', 'b', 'ab', 'Abc', 'ä'),
  fc.constantFrom(new Date(0), new Date(1_700_000_000_000)),
  fc.constant(new ObjectId('65f000000000000000000001')),
);

const nested = fc.record({ b: scalar, c: scalar }, { requiredKeys: [] });
const array = fc.array(fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 2, arbitrary: nested }), {
  maxLength: 3,
});
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: nested },
  { weight: 2, arbitrary: array },
);

const id = fc.integer({ min: 0, max: 7 }).map((number) => new Int32(number));
const fields = fc.record(
  { a: value, b: value, n: fc.integer({ min: 0, max: 5 }).map((n) => new Int32(n)), s: scalar },
  { requiredKeys: [] },
);
const document = fc.tuple(id, fields).map(([_id, rest]): Json => ({ _id, ...rest }));

const path = fc.constantFrom('a', 'b', 'n', 's', 'a.b', 'a.c', 'b.b', 'a.0', '_id');
const operator = fc.oneof(
  fc
    .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), scalar)
    .map(([name, operand]): Json => ({ [name]: operand })),
  fc
    .tuple(fc.constantFrom('$in', '$nin'), fc.array(scalar, { maxLength: 3 }))
    .map(([name, operand]): Json => ({ [name]: operand })),
  fc.boolean().map((wanted): Json => ({ $exists: wanted })),
  fc
    .constantFrom(
      'string',
      'number',
      'int',
      'double',
      'long',
      'date',
      'null',
      'array',
      'object',
      'bool',
      'objectId',
    )
    .map((type): Json => ({ $type: type })),
  fc.constantFrom('^a', 'b$', '^A', 'b').map((pattern): Json => ({ $regex: pattern })),
  fc.integer({ min: 0, max: 3 }).map((size): Json => ({ $size: new Int32(size) })),
  fc.array(scalar, { minLength: 1, maxLength: 2 }).map((all): Json => ({ $all: all })),
  scalar.map((operand): Json => ({ $elemMatch: { $gte: operand } })),
  scalar.map((operand): Json => ({ $elemMatch: { b: operand } })),
  scalar.map((operand): Json => ({ $not: { $gt: operand } })),
  fc.tuple(scalar, scalar).map(([low, high]): Json => ({ $gt: low, $lt: high })),
);
const condition = fc.tuple(path, fc.oneof(value, operator)).map(([name, test]): Json => ({ [name]: test }));

export const filter: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: condition },
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc.tuple(condition, condition).map(([one, other]): Json => ({ $and: [one, other] })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(condition, condition).map(([one, other]): Json => ({ $or: [one, other] })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(condition, condition).map(([one, other]): Json => ({ $nor: [one, other] })),
  },
);

const target = fc.constantFrom('a', 'b', 'n', 's', 'a.b', 'b.c', 'x.y');
const change = fc.oneof(
  fc.tuple(target, value).map(([name, operand]): Json => ({ $set: { [name]: operand } })),
  fc.constantFrom('a', 'b', 'n', 's', 'x.y').map((name): Json => ({ $unset: { [name]: '' } })),
  fc
    .tuple(
      fc.constantFrom('n', 's', 'x.y'),
      fc.constantFrom(new Int32(1), new Double(0.5), Long.fromNumber(3)),
    )
    .map(([name, by]): Json => ({ $inc: { [name]: by } })),
  fc
    .tuple(fc.constantFrom('n', 's'), fc.constantFrom(new Int32(2), new Double(1.5)))
    .map(([name, by]): Json => ({ $mul: { [name]: by } })),
  fc
    .tuple(fc.constantFrom('$min', '$max'), target, scalar)
    .map(([name, at, operand]): Json => ({ [name]: { [at]: operand } })),
  fc
    .tuple(fc.constantFrom('$push', '$addToSet'), fc.constantFrom('a', 'b', 'x'), value)
    .map(([name, at, operand]): Json => ({ [name]: { [at]: operand } })),
  fc
    .tuple(
      // Not none: that server leaves a missing array missing.
      fc.array(scalar, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(-3, -2, -1, 1, 2, 3),
    )
    .map(([each, slice]): Json => ({ $push: { a: { $each: each, $slice: new Int32(slice) } } })),
  fc.tuple(fc.constantFrom('a', 'b'), scalar).map(([at, operand]): Json => ({ $pull: { [at]: operand } })),
  scalar.map((operand): Json => ({ $pull: { a: { b: operand } } })),
  fc.constantFrom(1, -1).map((end): Json => ({ $pop: { a: new Int32(end) } })),
  fc.constant({ $rename: { s: 'r' } }),
  fc
    .tuple(value, scalar)
    .map(([onInsert, set]): Json => ({ $setOnInsert: { a: onInsert }, $set: { s: set } })),
);

const sort = fc.oneof(
  fc.constant({ _id: 1 }),
  fc
    // Not by `a`: that server does not put an empty array before null.
    .tuple(fc.constantFrom('n', 's', 'a.b'), fc.constantFrom(1, -1))
    .map(([name, direction]): Json => ({ [name]: direction, _id: 1 })),
  fc.constant({ n: -1, _id: -1 }),
);
const projection = fc.constantFrom<Json>(
  {},
  { a: 1 },
  { a: 0 },
  { _id: 0, n: 1, s: 1 },
  { 'a.b': 1 },
  { 'a.b': 0 },
  { a: { $slice: 1 } },
);

const stage = fc.oneof(
  filter.map((query): Json => ({ $match: query })),
  sort.map((order): Json => ({ $sort: order })),
  fc.integer({ min: 1, max: 4 }).map((limit): Json => ({ $limit: new Int32(limit) })),
  fc.integer({ min: 0, max: 3 }).map((skip): Json => ({ $skip: new Int32(skip) })),
  fc.constantFrom<Json>(
    { $project: { a: 1 } },
    { $project: { n: 1, t: '$a' } },
    { $addFields: { twice: { $cond: [{ $isNumber: '$n' }, { $add: ['$n', '$n'] }, null] } } },
    {
      $addFields: {
        big: { $and: [{ $gt: ['$n', 1] }, { $lte: ['$a', '$b'] }] },
        size: { $cond: [{ $isArray: '$a' }, { $size: '$a' }, 0] },
      },
    },
    { $project: { label: { $concat: ['x', { $ifNull: ['$missing', '-'] }] }, kind: { $type: '$b' } } },
    { $unset: 's' },
    { $unwind: '$a' },
  ),
);
const pipeline = fc
  .tuple(
    fc.array(stage, { maxLength: 2 }),
    fc.constantFrom<Json[]>(
      [{ $sort: { _id: 1 } }],
      [{ $group: { _id: null, total: { $sum: 1 } } }],
      [{ $group: { _id: '$n', count: { $sum: 1 } } }, { $sort: { _id: 1 } }],
      [{ $group: { _id: null, least: { $min: '$n' }, most: { $max: '$n' }, sum: { $sum: '$n' } } }],
    ),
  )
  .map(([start, end]) => [{ $sort: { _id: 1 } }, ...start, ...end]);

const index = fc.constantFrom<Json>(
  { key: { a: 1 }, name: 'a_1' },
  { key: { n: -1, _id: 1 }, name: 'n_-1__id_1' },
  { key: { 'a.b': 1 }, name: 'a.b_1' },
  { key: { s: 1 }, name: 's_1', unique: true, partialFilterExpression: { s: { $type: 'string' } } },
  { key: { b: 1 }, name: 'b_1', sparse: true },
  { key: { n: 1 }, name: 'unique_n', unique: true },
);

/** One command on the collection `c`. */
export const command: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.array(document, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([documents, ordered]): Json => ({ insert: 'c', documents, ordered })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(filter, change, fc.boolean()).map(
      ([q, u, upsert]): Json => ({
        update: 'c',
        updates: [{ q, u, multi: true, upsert: upsert && q['_id'] instanceof Int32 }],
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(id, fields, fc.boolean())
      .map(([_id, u, upsert]): Json => ({ update: 'c', updates: [{ q: { _id }, u, upsert }] })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(filter, change, sort, fc.boolean()).map(
      ([query, update, order, isNew]): Json => ({
        findAndModify: 'c',
        query,
        update,
        sort: order,
        new: isNew,
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(filter, sort)
      .map(([query, order]): Json => ({ findAndModify: 'c', query, sort: order, remove: true })),
  },
  { weight: 1, arbitrary: filter.map((q): Json => ({ delete: 'c', deletes: [{ q, limit: 0 }] })) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(filter, sort, projection, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 4 }))
      .map(
        ([query, order, shown, skip, limit]): Json => ({
          find: 'c',
          filter: query,
          sort: order,
          projection: shown,
          skip,
          limit,
        }),
      ),
  },
  { weight: 2, arbitrary: filter.map((query): Json => ({ count: 'c', query })) },
  {
    weight: 1,
    arbitrary: fc.tuple(path, filter).map(([key, query]): Json => ({ distinct: 'c', key, query })),
  },
  {
    weight: 3,
    arbitrary: pipeline.map((stages): Json => ({ aggregate: 'c', pipeline: stages, cursor: {} })),
  },
  { weight: 2, arbitrary: index.map((spec): Json => ({ createIndexes: 'c', indexes: [spec] })) },
);
