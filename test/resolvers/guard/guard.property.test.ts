import 'reflect-metadata';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { type ExecutionResult, execute, parse } from 'graphql';
import { createAccess } from '../../../src/policies/access.js';
import { guardSchema } from '../../../src/resolvers/guard/guardSchema.js';
import { holds } from '../../policies/property.js';
import { policyOf } from '../../policies/universe.js';
import { ALL_FIELDS, buildShop, contextFor, ROLES, role, rule, shelf } from './shop.js';

const shop = buildShop();
const { catalog } = guardSchema(shop, ROLES);
const DOCUMENT = parse(
  `{ users { id name email ownerId secret address { city } friend { id } } nodes { ... on User { id name } } connection { nodes { id } } }`,
);
const READ = ['name', 'email', 'ownerId', 'secret', 'address', 'friend'];

const conditions = fc.constantFrom(
  undefined,
  undefined,
  { ownerId: '{{principal.id}}' },
  { name: 'Bob' },
  { friend: '{{principal.id}}' },
  { name: { $ne: 'Ann' } },
);
const rules = fc.array(
  fc
    .record({
      effect: fc.constantFrom('allow' as const, 'allow' as const, 'allow' as const, 'deny' as const),
      fields: fc.oneof(
        fc.subarray(ALL_FIELDS, { minLength: 1 }),
        fc.subarray(READ).map((some) => ['id', ...some]),
      ),
      conditions,
      requires: fc.constantFrom(undefined, undefined, undefined, { acr: 'aal2' }),
    })
    .map(({ effect, fields, conditions: given, requires }) =>
      rule('r', ['read', 'list'], fields, given, { effect, ...(requires && { requires }) }),
    ),
  { minLength: 1, maxLength: 5 },
);

describe('guard and decide', () => {
  it('give the same answer for every object and field of a query', () =>
    holds(
      fc.asyncProperty(rules, async (list) => {
        const given = shelf();
        const policy = policyOf([
          role(
            'member',
            list.map((one, index) => ({ ...one, id: `r${index}` })),
          ),
        ]);
        const context = contextFor('member', shop, given);
        const access = createAccess(policy, catalog, context.principal, new Date());
        const result = (await execute({
          schema: shop,
          document: DOCUMENT,
          contextValue: { ...context, access },
        })) as ExecutionResult<Record<string, unknown>>;
        const sees = (user: object, field = 'id') => access.decide('read', 'User', user, field).allowed;
        const byId = (id: unknown) => given.users.find(({ _id }) => _id === id) ?? {};
        const shown = (user: Record<string, unknown>, field: string) => {
          if (!sees(user, field)) return null;
          if (field === 'friend')
            return sees(byId(user['friendId'])) ? { id: `User:${String(user['friendId'])}` } : null;
          return user[field] ?? null;
        };
        const mayList = access.mayEver('list', 'User', 'id');
        const expected = {
          users: mayList
            ? given.users.map((user) =>
                sees(user)
                  ? {
                      id: `User:${String(user['_id'])}`,
                      ...Object.fromEntries(READ.map((field) => [field, shown(user, field)])),
                    }
                  : null,
              )
            : null,
          nodes: given.users.map((user) =>
            sees(user) ? { id: `User:${String(user['_id'])}`, name: shown(user, 'name') } : null,
          ),
          connection: {
            nodes: given.users.filter((user) => sees(user)).map(({ _id }) => ({ id: `User:${String(_id)}` })),
          },
        };
        expect(JSON.parse(JSON.stringify(result.data))).to.deep.equal(expected);
        // Every null that a missing right made, and only that, has an error with its path.
        const refusals = mayList
          ? given.users.flatMap((user) => (sees(user) ? READ.filter((field) => !sees(user, field)) : []))
          : ['users'];
        const names = given.users.filter((user) => sees(user) && !sees(user, 'name'));
        expect((result.errors ?? []).map(({ path }) => String(path?.at(-1))).sort()).to.deep.equal(
          [...refusals, ...names.map(() => 'name')].sort(),
        );
      }),
    )).timeout(120_000);
});
