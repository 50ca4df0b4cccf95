import { expect } from 'chai';
import { buildIndexes, createModels, type Models } from '../../../src/models/models.js';
import { connectMongo, type MongoStore } from '../../../src/stores/mongo.js';
import { startTestEngine, type TestEngine } from '../../stores/embedded/testEngine.js';
import { startApp, type TestApp } from '../../support/app.js';
import { silentLogger } from '../../support/logger.js';
import { mutate } from '../mutate.js';

interface Find {
  readonly filter: Record<string, unknown>;
  readonly sort: Record<string, 1 | -1>;
  readonly limit: number;
}

const USERS = 200;

describe('the plan of a list under a conditional rule', () => {
  let app: TestApp;
  let token: string;
  let finds: Find[] = [];
  // It plans by the shape of the query alone; a server may scan a collection as small as this one.
  let engine: TestEngine;
  let embedded: MongoStore;
  let models: Models;

  before(async () => {
    app = await startApp();
    engine = await startTestEngine();
    embedded = await connectMongo({ uri: engine.uri, dataDirectory: '', logger: silentLogger });
    models = createModels(embedded.connection, app.clock);
    await buildIndexes(models);
    const rule = { actions: ['read', 'list'], subject: 'User' };
    const { userErrors } = await mutate(
      app,
      'createRole',
      {
        name: 'regional',
        rules: [
          {
            ...rule,
            id: 'own',
            fields: ['id', 'name', 'email', 'createdAt'],
            conditions: { status: 'active' },
          },
        ],
      },
      { token: await app.adminToken() },
    );
    expect(userErrors).to.deep.equal([]);
    const { users } = app.deps.models;
    const people = Array.from({ length: USERS }, (_, at) => ({
      _id: `u${String(at).padStart(4, '0')}`,
      name: `User ${at}`,
      status: at % 5 === 0 ? 'disabled' : 'active',
      roleAssignments: [],
    }));
    await users.insertMany(people);
    await models.users.insertMany(people);
    token = (await app.signInAs('regional')).accessToken;
    users.db.set('debug', (collection: string, method: string, filter: object, options?: Partial<Find>) => {
      // A list has an order; the caller, who is read by id, has none.
      if (collection === 'users' && method === 'find' && options?.sort)
        finds.push({ filter, ...options } as Find);
    });
  });

  beforeEach(() => {
    finds = [];
  });

  after(async () => {
    await embedded.close();
    await engine.close();
    await app.close();
  });

  /** The one query that a list of 20 sends. */
  async function findOf(list: string): Promise<Find> {
    const answer = await app.graphql<{ users: { nodes: unknown[] } }>(list, {}, { token });
    expect(answer.body.errors ?? []).to.deep.equal([]);
    expect(answer.body.data?.users.nodes).to.have.length(20);
    const [find, ...others] = finds;
    if (!find || others.length > 0) throw new Error(`${finds.length} queries for one list`);
    return find;
  }

  for (const [order, argument] of [
    ['by id', ''],
    ['by time of creation', ', orderBy: { field: CREATED_AT, direction: ASC }'],
  ] as const) {
    const list = `{ users(first: 20${argument}) { nodes { id name } } }`;

    it(`asks for a page ${order} and one beyond, in the order of an index`, async () => {
      const { filter, sort, limit } = await findOf(list);
      expect(limit).to.equal(21);
      expect(JSON.stringify(filter)).to.include('{"status":{"$eq":"active"}}');
      const keys = (await app.deps.models.users.collection.indexes()).map(({ key }) => Object.entries(key));
      const order = Object.entries(sort);
      const serves = keys.filter(
        (key) => JSON.stringify(key.slice(0, order.length)) === JSON.stringify(order),
      );
      expect(serves, JSON.stringify(sort)).to.not.deep.equal([]);
    });

    it(`reads a page ${order} from an index, without a scan, a sort or what lies beyond the page`, async () => {
      const { filter, sort, limit } = await findOf(list);
      const plan = await models.users.collection
        .find(filter)
        .sort(sort)
        .limit(limit)
        .explain('executionStats');
      const stages = JSON.stringify(plan['queryPlanner'].winningPlan);
      expect(stages).to.include('IXSCAN').and.not.include('COLLSCAN').and.not.include('"SORT"');
      // 21 that match, and those of status disabled in between.
      expect(plan['executionStats'].totalDocsExamined).to.be.lessThan(40);
    });
  }
});
