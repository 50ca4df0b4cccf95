import { expect } from 'chai';
import { startApp, type TestApp } from '../../support/app.js';
import { skipBecause } from '../../support/skip.js';
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

  before(async function () {
    app = await startApp();
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
    await users.insertMany(
      Array.from({ length: USERS }, (_, at) => ({
        _id: `u${String(at).padStart(4, '0')}`,
        name: `User ${at}`,
        status: at % 5 === 0 ? 'disabled' : 'active',
        roleAssignments: [],
      })),
    );
    const plain = await users.collection.find().sort({ _id: 1 }).limit(21).explain();
    if (JSON.stringify(plain).includes('COLLSCAN')) skipBecause(this, 'this server scans small collections');
    token = (await app.signInAs('regional')).accessToken;
    users.db.set('debug', (collection: string, method: string, filter: object, options: object) => {
      if (collection === 'users' && method === 'find') finds.push({ filter, ...options } as Find);
    });
  });

  beforeEach(() => {
    finds = [];
  });

  after(() => app.close());

  /** What the database says of the query that the list sent. */
  async function planOf(query: string): Promise<{ stages: string; examined: number }> {
    const answer = await app.graphql<{ users: { nodes: unknown[] } }>(query, {}, { token });
    expect(answer.body.errors ?? []).to.deep.equal([]);
    expect(answer.body.data?.users.nodes).to.have.length(20);
    const [find, ...others] = finds;
    if (!find || others.length > 0) throw new Error(`${finds.length} queries for one list`);
    const explained = (await app.deps.models.users.collection
      .find(find.filter)
      .sort(find.sort)
      .limit(find.limit)
      .explain('executionStats')) as {
      queryPlanner: { winningPlan: object };
      executionStats: { totalDocsExamined: number };
    };
    return {
      stages: JSON.stringify(explained.queryPlanner.winningPlan),
      examined: explained.executionStats.totalDocsExamined,
    };
  }

  for (const [order, argument] of [
    ['by id', ''],
    ['by time of creation', ', orderBy: { field: CREATED_AT, direction: ASC }'],
  ] as const) {
    it(`reads a page ${order} from an index, without a scan, a sort or what lies beyond the page`, async () => {
      const { stages, examined } = await planOf(`{ users(first: 20${argument}) { nodes { id name } } }`);
      expect(stages).to.include('IXSCAN').and.not.include('COLLSCAN').and.not.include('"SORT"');
      // 21 that match, and those of status disabled in between.
      expect(examined).to.be.lessThan(40);
    });
  }
});
