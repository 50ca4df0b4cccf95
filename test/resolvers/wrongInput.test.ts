import { expect } from 'chai';
import {
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { buildApi } from '../../src/resolvers/api.js';
import { MAX_STRING_LENGTH } from '../../src/resolvers/limits/strings.js';
import { startApp, type TestApp } from '../support/app.js';

const CLOSED_CODES = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'STEP_UP_REQUIRED',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'CONFLICT',
  'LIMIT_EXCEEDED',
  'INTERNAL',
]);

interface Place {
  readonly root: 'query' | 'mutation';
  readonly field: string;
  /** The variable's type and the path inside its value at which a text stands. */
  readonly argument: string;
  readonly type: GraphQLInputType;
  readonly path: readonly string[];
}

/** Every argument, or key of an input, that takes a text or an id. */
function textPlaces(schema: GraphQLSchema): Place[] {
  const places: Place[] = [];
  for (const [root, type] of [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      for (const { name, type: argumentType } of field.args) {
        for (const path of textPaths(argumentType, 0)) {
          places.push({ root, field: field.name, argument: name, type: argumentType, path });
        }
      }
    }
  }
  return places;
}

function textPaths(type: GraphQLInputType, depth: number): string[][] {
  if (isNonNullType(type)) return textPaths(type.ofType, depth);
  if (isListType(type)) return textPaths(type.ofType, depth).map((path) => ['0', ...path]);
  if (isInputObjectType(type)) {
    if (depth > 2) return [];
    // A filter inside a filter takes what the filter takes.
    const fields = Object.values(type.getFields()).filter(({ name }) => name !== 'and' && name !== 'or');
    return fields.flatMap((field) => textPaths(field.type, depth + 1).map((path) => [field.name, ...path]));
  }
  return ['String', 'ID'].includes(String(type)) ? [[]] : [];
}

/** A value of the type that holds `text` at the path, and otherwise only what must be there. */
function valueWith(type: GraphQLInputType, path: readonly string[], text: unknown): unknown {
  if (isNonNullType(type)) return valueWith(type.ofType, path, text);
  if (isListType(type)) return [valueWith(type.ofType, path.slice(1), text)];
  if (isInputObjectType(type)) {
    const entries = Object.values(type.getFields())
      .filter(
        ({ name, type: of, defaultValue }) =>
          name === path[0] || (isNonNullType(of) && defaultValue === undefined),
      )
      .map(({ name, type: of }) => [
        name,
        valueWith(of, name === path[0] ? path.slice(1) : ['-'], name === path[0] ? text : sample(of)),
      ]);
    return Object.fromEntries(entries);
  }
  return text;
}

function sample(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType);
  if (isListType(type)) return [sample(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) return valueWith(type, [], 'x');
  return String(type) === 'Boolean' ? true : 'x';
}

describe('wrong input', () => {
  const { schema } = buildApi();
  const places = textPlaces(schema);
  let app: TestApp;
  let token: string;
  before(async () => {
    app = await startApp({ http: { bodyLimitBytes: 4_000_000 } });
    token = await app.adminToken();
  });
  after(() => app.close());

  const selectionOf = ({ root, field }: Place) => {
    const type = (root === 'query' ? schema.getQueryType() : schema.getMutationType())?.getFields()[field]
      ?.type;
    const named = schema.getType(String(type).replace(/[[\]!]/g, ''));
    if (root === 'mutation') return '{ userErrors { code } }';
    if (isObjectType(named) && 'totalCount' in named.getFields()) return '{ totalCount }';
    return isObjectType(named) && !('id' in named.getFields()) ? '{ __typename }' : '{ id }';
  };
  /** What must be given beside the place. */
  const othersOf = ({ root, field, argument }: Place) => {
    const type = root === 'query' ? schema.getQueryType() : schema.getMutationType();
    return (type?.getFields()[field]?.args ?? []).filter(
      ({ name, type: of, defaultValue }) =>
        name !== argument && isNonNullType(of) && defaultValue === undefined,
    );
  };
  const send = (place: Place, value: unknown) => {
    const others = othersOf(place);
    const declared = others.map(({ name, type }) => `, $${name}: ${String(type)}`).join('');
    const given = others.map(({ name }) => `, ${name}: $${name}`).join('');
    return app.graphql(
      `${place.root} ($value: ${String(place.type)}${declared}) { ${place.field}(${place.argument}: $value${given}) ${selectionOf(place)} }`,
      { value, ...Object.fromEntries(others.map(({ name, type }) => [name, sample(type)])) },
      { token },
    );
  };
  /** A digest of everything that may not change: all collections but the trail. */
  const state = async () => {
    const { users, roles, clients, sessions } = app.deps.models;
    const documents = await Promise.all([
      users.find({}).sort({ _id: 1 }).select('-updatedAt').lean(),
      roles.find({}).sort({ _id: 1 }).lean(),
      clients.find({}).sort({ _id: 1 }).select('-lastUsedAt -updatedAt').lean(),
      sessions.find({}).sort({ _id: 1 }).select('-lastUsedAt -idleExpiresAt -updatedAt').lean(),
    ]);
    return JSON.stringify(documents);
  };

  it('finds the places', () => {
    expect(places.length).to.be.greaterThan(100);
  });

  it('refuses an operator object wherever a text is taken, and changes nothing', async () => {
    const before = await state();
    for (const place of places) {
      await Promise.all(
        [{ $ne: null }, { $gt: '' }, true, ['x', 'y']].map(async (wrong) => {
          const answer = await send(place, valueWith(place.type, place.path, wrong));
          const where = `${place.field} ${place.path.join('.')} ${JSON.stringify(wrong)}: ${answer.text.slice(0, 200)}`;
          expect(answer.status, where).to.equal(400);
          expect(answer.errors[0]?.extensions.code, where).to.equal('BAD_USER_INPUT');
          expect(answer.data, where).to.equal(null);
        }),
      );
    }
    expect(await state()).to.equal(before);
  }).timeout(60_000);

  it('refuses NUL characters and texts of a megabyte wherever a text is taken, and changes nothing', async () => {
    const before = await state();
    const megabyte = 'x'.repeat(1_048_576);
    for (const place of places) {
      const nul = await send(place, valueWith(place.type, place.path, 'a\0b'));
      const where = `${place.field} ${place.path.join('.')}`;
      expect(nul.errors[0]?.extensions.code, where).to.equal('BAD_USER_INPUT');
      expect(nul.data).to.equal(null);
    }
    for (const place of places.filter((_, index) => index % 10 === 0)) {
      const long = await send(place, valueWith(place.type, place.path, megabyte));
      expect(long.errors[0]?.extensions.code, place.field).to.equal('LIMIT_EXCEEDED');
      expect(long.errors[0]?.message).to.contain(String(MAX_STRING_LENGTH));
      expect(long.data).to.equal(null);
    }
    expect(await state()).to.equal(before);
  }).timeout(60_000);

  it('answers a typed refusal to odd but possible texts, never INTERNAL', async () => {
    const odd = [
      '',
      ' ',
      '$where',
      '{"$ne":null}',
      '../../etc/passwd',
      '\u202eabc',
      '😀'.repeat(50),
      "' OR 1=1 --",
      '[object Object]',
      '__proto__',
    ];
    // Three of them at each place; over the places, all of them everywhere.
    for (const [index, place] of places.entries()) {
      const texts = [0, 1, 2].map((step) => odd[(index * 3 + step) % odd.length]);
      await Promise.all(
        texts.map(async (text) => {
          const answer = await send(place, valueWith(place.type, place.path, text));
          const where = `${place.field} ${place.path.join('.')} ${JSON.stringify(text)}: ${answer.text.slice(0, 300)}`;
          expect(answer.status, where).to.be.oneOf([200, 400]);
          for (const { extensions } of answer.errors) {
            expect(CLOSED_CODES.has(extensions.code), where).to.equal(true);
            expect(extensions.code, where).to.not.equal('INTERNAL');
          }
        }),
      );
    }
  }).timeout(60_000);

  it('refuses the same in literals', async () => {
    const nul = await app.graphql('{ user(username: "a\\u0000b") { id } }', {}, { token });
    expect(nul.errors[0]?.extensions.code).to.equal('BAD_USER_INPUT');
    const long = await app.graphql(
      `{ user(username: "${'x'.repeat(MAX_STRING_LENGTH + 1)}") { id } }`,
      {},
      { token },
    );
    expect(long.errors[0]?.extensions.code).to.equal('LIMIT_EXCEEDED');
    const operator = await app.graphql('{ user(username: { ne: null }) { id } }', {}, { token });
    expect(operator.errors[0]?.extensions.code).to.equal('BAD_USER_INPUT');
  });

  it('refuses operators and prototype keys inside attributes', async () => {
    for (const attributes of [{ $where: 'x' }, { 'a.b': 'x' }, { a: { $ne: null } }, { constructor: 'x' }]) {
      const answer = await app.graphql(
        'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } userErrors { code } } }',
        { input: { username: 'attributed', attributes } },
        { token },
      );
      const code = answer.errors[0]?.extensions.code ?? answer.data.createUser.userErrors[0]?.code;
      expect(code, JSON.stringify(attributes)).to.equal('BAD_USER_INPUT');
    }
    expect(await app.deps.models.users.countDocuments({ usernameNormalized: 'attributed' })).to.equal(0);
  });

  it('refuses unknown fields, arguments, keys and variables of another shape', async () => {
    const cases: [string, object?][] = [
      ['{ viewer { passwordHash } }'],
      ['{ viewer { id } nothing }'],
      ['{ user(name: "x") { id } }'],
      ['{ users(filter: { passwordHash: { equals: "x" } }) { totalCount } }'],
      ['query ($i: UpdateProfileInput!) { viewer { id } }', { i: {} }],
      [
        'mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { userErrors { code } } }',
        { i: { roles: ['admin'] } },
      ],
      ['mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { userErrors { code } } }', { i: [] }],
      ['mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { userErrors { code } } }', {}],
      ['mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { userErrors { code } } }', { i: 'x' }],
      ['{ users(first: "x") { totalCount } }'],
      ['query ($n: Int) { users(first: $n) { totalCount } }', { n: 1.5 }],
      ['{ users(orderBy: { field: PASSWORD }) { totalCount } }'],
      ['query A { viewer { id } } query B { viewer { id } }'],
      ['{'],
      [''],
    ];
    for (const [document, variables] of cases) {
      const answer = await app.graphql(document, { ...variables }, { token });
      expect(answer.status, document).to.equal(400);
      expect(answer.data, document).to.equal(null);
      expect(answer.errors[0]?.extensions.code, document).to.equal('BAD_USER_INPUT');
    }
  });

  it('refuses bodies that are no GraphQL request', async () => {
    for (const body of [[], {}, 'x', 1, null, { query: 1 }, { query: '{ viewer { id } }', variables: [] }]) {
      const answer = await app.rest('/graphql', { method: 'POST', body });
      expect(answer.status, JSON.stringify(body)).to.equal(400);
    }
    const malformed = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":',
    });
    expect(malformed.status).to.equal(400);
    const { errors } = (await malformed.json()) as { errors: { extensions: object }[] };
    expect(errors[0]?.extensions).to.deep.equal({ code: 'BAD_USER_INPUT' });
  });
});
