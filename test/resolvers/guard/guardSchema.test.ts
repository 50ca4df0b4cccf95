import 'reflect-metadata';
import { expect } from 'chai';
import { type ExecutionResult, execute, type GraphQLSchema, GraphQLString, parse, validate } from 'graphql';
import { guardSchema } from '../../../src/resolvers/guard/guardSchema.js';
import { targetOf } from '../../../src/resolvers/guard/target.js';
import { buildShop, contextFor, ROLES, shelf } from './shop.js';

const shop = buildShop();
guardSchema(shop, ROLES);

async function run(
  source: string,
  roleName: string | null,
  given = shelf(),
  schema: GraphQLSchema = shop,
): Promise<{
  data: Record<string, unknown> | null;
  errors: string[];
  log: string[];
  result: ExecutionResult;
}> {
  const document = parse(source);
  expect(validate(schema, document)).to.deep.equal([]);
  const result = await execute({ schema, document, contextValue: contextFor(roleName, schema, given) });
  const errors = (result.errors ?? []).map(
    ({ path, extensions }) => `${(path ?? []).join('.')} ${String(extensions['code'])}`,
  );
  // Plain objects, for comparing.
  const data = JSON.parse(JSON.stringify(result.data ?? null)) as Record<string, unknown> | null;
  return { data, errors, log: given.log, result };
}

describe('the guard', () => {
  describe('of fields', () => {
    it('lets what is allowed through, whatever kind of resolver it has', async () => {
      const { data, errors } = await run('{ viewer { id name email secret address { city } can } }', 'admin');
      expect(errors).to.deep.equal([]);
      expect(data).to.deep.equal({
        viewer: { id: 'User:u1', name: 'Ann', email: 'a@x', secret: 's1', address: { city: 'A' }, can: true },
      });
    });

    it('makes a refused field null, with path, code and remedy, and keeps the rest', async () => {
      const { data, errors, result } = await run('{ viewer { name mail: email secret } }', 'member');
      expect(data).to.deep.equal({ viewer: { name: 'Ann', mail: null, secret: null } });
      expect(errors).to.have.members(['viewer.mail FORBIDDEN', 'viewer.secret STEP_UP_REQUIRED']);
      const stepUp = result.errors?.find(({ path }) => path?.includes('secret'));
      expect(stepUp?.extensions).to.deep.include({
        remedy: 'needs acr aal2',
        requirement: { acr: 'aal2' },
      });
      expect(stepUp?.message).to.equal('You may read User.secret after a stronger or more recent sign-in.');
    });

    it('cannot be gone around by an alias, a fragment or an interface', async () => {
      const { data } = await run(
        '{ node(id: "u1") { id ... on User { x: email } ...f } } fragment f on User { y: email }',
        'member',
      );
      expect(data).to.deep.equal({ node: { id: 'User:u1', x: null, y: null } });
    });

    it('tells nobody more than that they are not signed in', async () => {
      const { data, errors } = await run('{ viewer { id } users { id } }', null);
      expect(data).to.deep.equal({ viewer: null, users: null });
      expect(errors).to.deep.equal(['users UNAUTHENTICATED']);
    });
  });

  describe('of objects', () => {
    const places: [string, unknown][] = [
      ['{ node(id: "u2") { id } }', { node: null }],
      ['{ nodes { id } }', { nodes: [{ id: 'User:u1' }, null] }],
      ['{ late { name } }', { late: [{ name: 'Ann' }, null] }],
      [
        '{ found { ... on User { name } ... on Banner { text } } }',
        { found: [{ name: 'Ann' }, null, { text: 'hello' }] },
      ],
      ['{ connection { nodes { name } total } }', { connection: { nodes: [{ name: 'Ann' }], total: 1 } }],
      ['{ viewer { friend { name } } }', { viewer: { friend: null } }],
      [
        '{ viewer { friends { friends { name } } } }',
        { viewer: { friends: [{ friends: [{ name: 'Ann' }, null] }, null] } },
      ],
    ];
    for (const [source, expected] of places) {
      it(`hides one out of sight as if it were missing: ${source}`, async () => {
        const { data, errors } = await run(source, 'member');
        expect(data).to.deep.equal(expected);
        expect(errors).to.deep.equal([]);
      });
    }

    it('answers for a forbidden id and a missing one alike', async () => {
      const forbidden = await run('{ node(id: "u2") { id } }', 'member');
      const missing = await run('{ node(id: "u9") { id } }', 'member');
      expect(forbidden.result).to.deep.equal(missing.result);
    });

    it('fails with NOT_FOUND where the place cannot be empty', async () => {
      const { errors } = await run('{ must { id } }', 'member');
      expect(errors).to.deep.equal(['must NOT_FOUND']);
    });

    it('lets the errors of resolvers through', async () => {
      const { result } = await run('{ broken { id } }', 'admin');
      expect(result.errors?.[0]?.message).to.equal('broken');
    });
  });

  describe('of arguments', () => {
    const refused: [string, string[]][] = [
      ['{ users(filter: { email: "b@x" }) { id } }', ['filter', 'email']],
      [
        '{ users(filter: { and: [{ name: "x" }, { email: "b@x" }] }) { id } }',
        ['filter', 'and', '1', 'email'],
      ],
      ['{ users(search: { where: { email: "b@x" } }) { id } }', ['search', 'where', 'email']],
    ];
    for (const [source, path] of refused) {
      it(`refuses to filter by a hidden field, before the resolver runs: ${source}`, async () => {
        const { errors, log, result } = await run(source, 'member');
        expect(errors).to.deep.equal(['users FORBIDDEN']);
        expect(result.errors?.[0]?.extensions['argument']).to.deep.equal(path);
        expect(log).to.deep.equal([]);
      });
    }

    it('refuses to order by a hidden field, and names it as the caller sent it', async () => {
      const source = '{ users(orderBy: [{ field: NAME }, { field: SECRET }]) { id } }';
      const { errors, result } = await run(source, 'guest');
      expect(errors).to.deep.equal(['users FORBIDDEN']);
      expect(result.errors?.[0]?.message).to.equal('You may not filter or order by User.SECRET.');
      expect(result.errors?.[0]?.extensions['argument']).to.deep.equal(['orderBy', '1', 'field']);
    });

    it('leaves it to the filter of the query where a step-up would lift it', async () => {
      const { errors } = await run('{ users(orderBy: [{ field: SECRET }]) { id } }', 'member');
      expect(errors).to.deep.equal([]);
      const context = contextFor('member', shop);
      expect(context.access.filter('read', 'User', 'secret')).to.deep.equal({ _id: { $in: [] } });
    });

    it('lets a filter by readable fields run', async () => {
      const { errors, log } = await run('{ users(filter: { name: "Ann" }) { id } }', 'member');
      expect(errors).to.deep.equal([]);
      expect(log).to.deep.equal(['users']);
    });
  });

  describe('of mutations', () => {
    it('loads the target, judges the act and hands the target on', async () => {
      const { data, log } = await run(
        'mutation { lock(input: { id: "User:u2" }) { target user { name } } }',
        'admin',
      );
      expect(data).to.deep.equal({ lock: { target: 'lock:u2', user: { name: 'Bob' } } });
      expect(log).to.deep.equal(['lock']);
    });

    it('does not mix the targets of two aliases', async () => {
      const { data } = await run(
        'mutation { a: lock(input: { id: "u1" }) { target } b: lock(input: { id: "u2" }) { target } c: create(input: {}) { target } }',
        'admin',
      );
      expect(data).to.deep.equal({ a: { target: 'a:u1' }, b: { target: 'b:u2' }, c: { target: 'c:none' } });
    });

    it('answers NOT_FOUND for a forbidden and a missing target alike, and does nothing', async () => {
      const source = (id: string) => `mutation { update(input: { id: "${id}", name: "x" }) { target } }`;
      const forbidden = await run(source('u2'), 'member');
      const missing = await run(source('u9'), 'member');
      const empty = await run('mutation { update(input: { name: "x" }) { target } }', 'member');
      expect(forbidden.result).to.deep.equal(missing.result);
      expect(empty.errors).to.deep.equal(missing.errors);
      expect(forbidden.errors).to.deep.equal(['update NOT_FOUND']);
      expect(forbidden.log).to.deep.equal([]);
    });

    it('refuses an act that nobody with these roles may ever do before it loads anything', async () => {
      const { errors, log } = await run('mutation { lock(input: { id: "u9" }) { target } }', 'member');
      expect(errors).to.deep.equal(['lock FORBIDDEN']);
      expect(log).to.deep.equal([]);
    });

    it('acts on the viewer, and sends nobody to sign in', async () => {
      expect((await run('mutation { lockMe { target } }', 'admin')).data).to.deep.equal({
        lockMe: { target: 'lockMe:u1' },
      });
      expect((await run('mutation { lockMe { target } }', null)).errors).to.deep.equal([
        'lockMe UNAUTHENTICATED',
      ]);
    });

    it('refuses a field that may not be written, naming it', async () => {
      const { errors, log, result } = await run(
        'mutation { update(input: { id: "u1", name: "x", email: "x" }) { target } }',
        'member',
      );
      expect(errors).to.deep.equal(['update FORBIDDEN']);
      expect(result.errors?.[0]?.extensions['argument']).to.deep.equal(['input', 'email']);
      expect(log).to.deep.equal([]);
    });

    it('refuses a write after which the object would be outside the right', async () => {
      const away = await run('mutation { update(input: { id: "u1", ownerId: "u2" }) { target } }', 'member');
      expect(away.errors).to.deep.equal(['update FORBIDDEN']);
      const stay = await run('mutation { update(input: { id: "u1", ownerId: "u1" }) { target } }', 'member');
      expect(stay.errors).to.deep.equal([]);
    });

    it('reads global ids as the stored ids that conditions compare', async () => {
      const { errors } = await run(
        'mutation { update(input: { id: "User:u1", name: "x" }) { target } }',
        'member',
      );
      expect(errors).to.deep.equal([]);
    });

    it('judges a creation as a whole and by field', async () => {
      expect(
        (await run('mutation { create(input: { name: "x" }) { target } }', 'admin')).errors,
      ).to.deep.equal([]);
      expect((await run('mutation { create(input: {}) { target } }', 'member')).errors).to.deep.equal([
        'create FORBIDDEN',
      ]);
    });

    it('hides in the payload what the caller may not see', async () => {
      const given = shelf();
      (given.users[1] as Record<string, unknown>)['ownerId'] = 'u1';
      const { data } = await run(
        'mutation { update(input: { id: "u2", name: "x" }) { user { name email } } }',
        'member',
        given,
      );
      expect(data).to.deep.equal({ update: { user: { name: 'Bob', email: null } } });
    });
  });

  it('remembers the target by the field, for resolvers of queries', async () => {
    const schema = buildShop({
      query: {
        which: {
          type: GraphQLString,
          extensions: {
            fieldgate: {
              kind: 'requires',
              action: 'read',
              subject: 'User',
              target: { from: 'argument', path: 'id' },
            },
          },
          args: { id: { type: GraphQLString } },
          resolve: async (_source, _args, _context, info) => (targetOf(info) as { _id: string })._id,
        },
      },
    });
    guardSchema(schema, ROLES);
    const { data } = await run('{ a: which(id: "u1") b: which(id: "u2") }', 'admin', shelf(), schema);
    expect(data).to.deep.equal({ a: 'u1', b: 'u2' });
  });

  it('goes around a field once, however often it is asked', () => {
    const schema = buildShop();
    const first = guardSchema(schema, ROLES);
    const resolver = schema.getQueryType()?.getFields()['viewer']?.resolve;
    expect(guardSchema(schema, ROLES).catalog).to.equal(first.catalog);
    expect(schema.getQueryType()?.getFields()['viewer']?.resolve).to.equal(resolver);
  });

  it('costs a plain field no promise', () => {
    const field = shop.getType('User');
    const resolve = (
      field as unknown as { getFields(): Record<string, { resolve: (...args: unknown[]) => unknown }> }
    ).getFields()['name']?.resolve;
    const given = shelf();
    expect(resolve?.(given.users[0], {}, contextFor('admin', shop, given), {})).to.equal('Ann');
  });
});
