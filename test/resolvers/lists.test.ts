import { expect } from 'chai';
import { print } from 'graphql';
import { startApp, type TestApp } from '../support/app.js';
import { storeUser } from '../support/deps.js';
import { UserPageDocument, type UserPageQuery } from '../support/generated/operations.js';

describe('lists', () => {
  let app: TestApp;
  let admin: string;
  const PEOPLE = 25;

  before(async () => {
    app = await startApp();
    admin = await app.adminToken();
    for (let index = 0; index < PEOPLE; index += 1) {
      const name = String(index).padStart(2, '0');
      const email = `List.${name}@example.com`;
      await storeUser(app.deps, { email, emailNormalized: email.toLowerCase(), name: `Person ${name}` });
    }
  });
  after(() => app.close());

  const page = async (variables: object, token = admin) => {
    const answer = await app.graphql<UserPageQuery>(print(UserPageDocument), { ...variables }, { token });
    return { ...answer, users: answer.data?.users ?? null };
  };
  const walk = async (variables: object, forwards: boolean) => {
    const seen: string[][] = [];
    let cursor: string | null | undefined = null;
    do {
      const { users, text } = await page({
        ...variables,
        ...(forwards ? { first: 7, after: cursor } : { last: 7, before: cursor }),
      });
      if (!users) throw new Error(text);
      seen.push(users.nodes.map(({ email }) => email ?? ''));
      cursor = forwards
        ? users.pageInfo.hasNextPage
          ? users.pageInfo.endCursor
          : null
        : users.pageInfo.hasPreviousPage
          ? users.pageInfo.startCursor
          : null;
    } while (cursor);
    return seen;
  };
  const LISTED = { filter: { email: { startsWith: 'LIST.' } } };
  const EXPECTED = Array.from(
    { length: PEOPLE },
    (_, index) => `List.${String(index).padStart(2, '0')}@example.com`,
  );

  it('walks a list forwards and backwards, each object once, in any order', async () => {
    for (const field of ['CREATED_AT', 'EMAIL']) {
      for (const direction of ['ASC', 'DESC']) {
        const variables = { ...LISTED, orderBy: { field, direction } };
        const expected = direction === 'ASC' ? EXPECTED : [...EXPECTED].reverse();
        expect((await walk(variables, true)).flat(), `${field} ${direction}`).to.deep.equal(expected);
        const backwards = await walk(variables, false);
        expect(backwards.reverse().flat(), `${field} ${direction} backwards`).to.deep.equal(expected);
      }
    }
  });

  it('walks through objects that lack the sort field', async () => {
    const names = (await walk({ ...LISTED, orderBy: { field: 'USERNAME', direction: 'DESC' } }, true)).flat();
    expect(new Set(names).size).to.equal(PEOPLE);
  });

  it('does not lose its place when objects come and go', async () => {
    const first = await page({ ...LISTED, first: 5 });
    const gone = first.users?.nodes[4]?.id.slice('User:'.length);
    const kept = await app.deps.models.users.findOneAndDelete({ _id: gone ?? '' }).lean();
    const second = await page({ ...LISTED, first: 5, after: first.users?.pageInfo.endCursor });
    expect(second.users?.nodes[0]?.email).to.equal(EXPECTED[5]);
    if (kept) await app.deps.models.users.collection.insertOne({ ...kept } as never);
  });

  it('counts under filter and policy, not only the page', async () => {
    expect((await page({ ...LISTED, first: 3 })).users?.totalCount).to.equal(PEOPLE);
    const { accessToken } = await app.signInAs();
    const own = await app.graphql(
      '{ sessions { totalCount nodes { user { id } } } }',
      {},
      { token: accessToken },
    );
    expect(own.data.sessions.totalCount).to.equal(1);
    const all = await app.graphql('{ sessions { totalCount } }', {}, { token: admin });
    expect(all.data.sessions.totalCount).to.be.greaterThan(1);
  });

  it('filters by equality, membership, prefix, time, absence, and their combinations', async () => {
    const count = async (filter: object) => (await page({ filter, first: 100 })).users?.totalCount;
    expect(await count({ email: { equals: ' LIST.03@EXAMPLE.com ' } })).to.equal(1);
    expect(
      await count({ email: { in: ['list.01@example.com', 'list.02@example.com', 'nobody@example.com'] } }),
    ).to.equal(2);
    expect(await count({ email: { startsWith: 'list.0' } })).to.equal(10);
    expect(await count({ email: { startsWith: 'list.' }, name: { equals: 'Person 07' } })).to.equal(1);
    expect(await count({ ...LISTED.filter, lastSignInAt: { isNull: true } })).to.equal(PEOPLE);
    expect(await count({ ...LISTED.filter, lastSignInAt: { isNull: false } })).to.equal(0);
    expect(await count({ ...LISTED.filter, createdAt: { lt: '2000-01-01T00:00:00Z' } })).to.equal(0);
    expect(await count({ roles: { has: 'admin' } })).to.equal(1);
    expect(await count({ status: { in: ['LOCKED', 'DISABLED'] } })).to.equal(0);
    expect(
      await count({ or: [{ name: { equals: 'Person 01' } }, { and: [{ name: { equals: 'Person 02' } }] }] }),
    ).to.equal(2);
  });

  it('takes regular expression characters of a prefix literally', async () => {
    expect((await page({ filter: { email: { startsWith: '.*' } } })).users?.totalCount).to.equal(0);
    expect((await page({ filter: { name: { startsWith: 'Person (' } } })).users?.totalCount).to.equal(0);
  });

  it('refuses to filter or sort by a field that the viewer may never read', async () => {
    const { id, accessToken: token } = await app.signInAs('moderator');
    // Without the role `user`, that lets everybody read the own phone.
    await app.deps.models.users.updateOne(
      { _id: id },
      { $set: { roleAssignments: [{ role: 'moderator' }] } },
    );
    const byPhone = await page({ filter: { phone: { startsWith: '+' } } }, token);
    expect(byPhone.users).to.equal(null);
    expect(byPhone.errors[0]?.extensions.code).to.equal('FORBIDDEN');
    const nested = await page({ filter: { or: [{ and: [{ phone: { isNull: false } }] }] } }, token);
    expect(nested.errors[0]?.extensions.code).to.equal('FORBIDDEN');
    const byEmail = await page({ filter: { email: { startsWith: 'list.' } } }, token);
    expect(byEmail.users?.totalCount).to.equal(PEOPLE);
  });

  it('lets a condition speak only of objects whose field the viewer may read', async () => {
    await app.graphql(
      `mutation ($input: CreateRoleInput!) { createRole(input: $input) { userErrors { message } } }`,
      {
        input: {
          name: 'receptionist',
          rules: [
            { id: 'list', actions: ['read', 'list'], subject: 'User', fields: ['id', 'createdAt', 'name'] },
            {
              id: 'mail',
              actions: ['read'],
              subject: 'User',
              fields: ['email'],
              conditions: { name: 'Person 05' },
            },
          ],
        },
      },
      { token: admin },
    );
    const { accessToken: token } = await app.signInAs('receptionist');
    const found = await page({ filter: { email: { startsWith: 'list.' } }, first: 100 }, token);
    expect(found.users?.totalCount).to.equal(1);
    const either = await page(
      { filter: { or: [{ email: { startsWith: 'list.' } }, { name: { equals: 'Person 06' } }] }, first: 100 },
      token,
    );
    expect(either.users?.totalCount).to.equal(2);
    const sorted = await page({ orderBy: { field: 'EMAIL' }, first: 100 }, token);
    // The own account's e-mail may be read too.
    expect(sorted.users?.totalCount).to.equal(2);
  });

  it('refuses a forged cursor, and one of another list or order', async () => {
    const { users } = await page({ ...LISTED, first: 1 });
    const cursor = users?.pageInfo.endCursor ?? '';
    const forged = [
      'x',
      Buffer.from('[{"at":0},"0"]').toString('base64url'),
      `${cursor.slice(0, -2)}AA`,
      `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`,
    ];
    for (const after of forged) {
      const answer = await page({ ...LISTED, after });
      expect(answer.errors[0]?.extensions.code, after).to.equal('BAD_USER_INPUT');
      expect(answer.users).to.equal(null);
    }
    const otherOrder = await page({ ...LISTED, after: cursor, orderBy: { field: 'EMAIL' } });
    expect(otherOrder.errors[0]?.extensions.code).to.equal('BAD_USER_INPUT');
    const otherList = await app.graphql(
      'query ($after: String) { sessions(after: $after) { totalCount } }',
      { after: cursor },
      { token: admin },
    );
    expect(otherList.errors[0]?.extensions.code).to.equal('BAD_USER_INPUT');
  });

  it('refuses paging arguments that are out of range or contradict each other', async () => {
    const cases: [object, string][] = [
      [{ first: 101 }, 'LIMIT_EXCEEDED'],
      [{ last: 101 }, 'LIMIT_EXCEEDED'],
      [{ first: 0 }, 'BAD_USER_INPUT'],
      [{ first: -1 }, 'BAD_USER_INPUT'],
      [{ first: 1, last: 1 }, 'BAD_USER_INPUT'],
      [{ first: 1, before: 'x' }, 'BAD_USER_INPUT'],
      [{ last: 1, after: 'x' }, 'BAD_USER_INPUT'],
      [
        { filter: { or: Array.from({ length: 11 }, () => ({ emailVerified: { equals: true } })) } },
        'LIMIT_EXCEEDED',
      ],
      [{ filter: { or: [{ or: [{ or: [{ emailVerified: { equals: true } }] }] }] } }, 'LIMIT_EXCEEDED'],
      [{ filter: { email: { in: Array.from({ length: 101 }, () => 'a') } } }, 'LIMIT_EXCEEDED'],
    ];
    for (const [variables, code] of cases) {
      const answer = await page(variables);
      expect(answer.errors[0]?.extensions.code, JSON.stringify(variables).slice(0, 80)).to.equal(code);
      expect(answer.users).to.equal(null);
    }
  });

  it('lists roles, clients and audit events to whoever may see them', async () => {
    const { accessToken: token } = await app.signInAs('auditor');
    const { data, errors } = await app.graphql(
      `{ roles(first: 50, filter: { builtIn: { equals: true } }) { nodes { name } }
         clients { nodes { clientId } }
         auditEvents(first: 100, filter: { action: { startsWith: "user." }, outcome: { equals: SUCCESS } }) {
           nodes { action actor { ... on User { email } } object { id } } } }`,
      {},
      { token },
    );
    expect(errors).to.deep.equal([]);
    expect(data.roles.nodes.map(({ name }: { name: string }) => name)).to.include.members([
      'admin',
      'user',
      'auditor',
    ]);
    expect(data.clients.nodes).to.deep.equal([{ clientId: 'fieldgate' }]);
    expect(data.auditEvents.nodes.length).to.be.greaterThan(0);
    for (const { action } of data.auditEvents.nodes) expect(action).to.match(/^user\./);
  });
});
