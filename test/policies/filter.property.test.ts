import { expect } from 'chai';
import * as fc from 'fast-check';
import { Query } from 'mingo';
import { createAccess } from '../../src/policies/access.js';
import { openTestStores, type TestStores } from '../support/stores.js';
import { holds } from './property.js';
import { CATALOG, FIELDS, NOW, policies, principals, sampleDocuments } from './universe.js';

const DOCUMENTS = sampleDocuments(400);
const cases = fc.tuple(
  policies,
  principals,
  fc.constantFrom('read', 'read', 'list', 'update', 'lock'),
  fc.constantFrom('id', ...FIELDS, '*'),
);

describe('filter and decide', function () {
  this.timeout(180_000);
  let stores: TestStores;
  let things: ReturnType<TestStores['connection']['collection']>;

  before(async () => {
    stores = await openTestStores();
    things = stores.connection.collection('things');
    await things.insertMany(DOCUMENTS.map((document) => ({ ...document })) as never[]);
  });
  after(() => stores.close());

  it('give the same answer from the database as in memory', async () => {
    const stored = (await things.find({}).toArray()) as unknown as ({ _id: string } & object)[];
    expect(stored).to.have.length(DOCUMENTS.length);
    await holds(
      fc.asyncProperty(cases, async ([policy, principal, action, field]) => {
        const access = createAccess(policy, CATALOG, principal, NOW);
        const filter = access.filter(action, 'Thing', field);
        const found = await things.find(filter, { projection: { _id: 1 } }).toArray();
        const decided = stored.filter((thing) => access.decide(action, 'Thing', thing, field).allowed);
        expect(found.map(({ _id }) => String(_id)).sort()).to.deep.equal(
          decided.map(({ _id }) => _id).sort(),
        );
        if (decided.length > 0) expect(access.mayEver(action, 'Thing', field)).to.equal(true);
      }),
    );
  });

  it('give the same answer from the embedded engine as in memory', async () => {
    await holds(
      fc.property(cases, ([policy, principal, action, field]) => {
        const access = createAccess(policy, CATALOG, principal, NOW);
        const query = new Query(access.filter(action, 'Thing', field));
        for (const thing of DOCUMENTS) {
          expect(query.test(thing)).to.equal(access.decide(action, 'Thing', thing, field).allowed, thing._id);
        }
      }),
    );
  });
});
