import { expect } from 'chai';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';
import type { GraphQLAnswer } from '../support/http.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';

/** What a moderator may and may not read of somebody: phone and roles are beyond them. */
const FACTS = 'id email phone phoneVerified roles { name } lockReason viewerCan { delete update lock }';

describe('what a caller can find out in a roundabout way', () => {
  let app: TestApp;
  let victim: Person & Tokens;
  let moderator: Person & Tokens;
  let user: Person & Tokens;
  let sessionId: string;
  let familyId: string;

  before(async () => {
    app = await startApp();
    const { models } = app.deps;
    victim = await app.signInAs();
    moderator = await app.signInAs('moderator');
    user = await app.signInAs();
    await models.users.updateOne({ _id: victim.id }, { $set: { phone: '+442079460001' } });
    sessionId = `Session:${(await models.sessions.findOne({ userId: victim.id }).lean())?._id}`;
    familyId = `RefreshFamily:${(await models.refreshFamilies.findOne({ userId: victim.id }).lean())?._id}`;
  });
  after(() => app.close());

  const ask = (source: string, who: Tokens, variables: Record<string, unknown> = {}) =>
    app.graphql(source, variables, { token: who.accessToken });

  /** Only what a caller can tell answers apart by. */
  const seen = ({ data, errors }: Pick<GraphQLAnswer<unknown>, 'data' | 'errors'>) => ({
    data,
    errors: errors.map(({ message, extensions }) => ({
      message,
      extensions: { ...extensions, requestId: null, decisionId: null },
    })),
  });

  describe('every way to an object', () => {
    const ways: Record<string, () => { source: string; at: readonly (string | number)[] }> = {
      'user(id)': () => ({ source: `{ user(id: "${victim.id}") { ${FACTS} } }`, at: ['user'] }),
      'user(email)': () => ({ source: `{ user(email: "${victim.email}") { ${FACTS} } }`, at: ['user'] }),
      'node, through the interface': () => ({
        source: `{ node(id: "User:${victim.id}") { ...F } } fragment F on Node { ... on User { ${FACTS} } }`,
        at: ['node'],
      }),
      'nodes, under aliases': () => ({
        source: `{ x: nodes(ids: ["User:${victim.id}"]) { ... on User { ${FACTS} } } }`,
        at: ['x', 0],
      }),
      'the nodes of a list': () => ({
        source: `{ users(first: 1, filter: { email: { equals: "${victim.email}" } }) { nodes { ${FACTS} } } }`,
        at: ['users', 'nodes', 0],
      }),
      'the edges of a list': () => ({
        source: `{ users(first: 1, filter: { email: { equals: "${victim.email}" } }) { edges { node { ${FACTS} } } } }`,
        at: ['users', 'edges', 0, 'node'],
      }),
      'what hangs on a session': () => ({
        source: `query { node(id: "${sessionId}") { ... on Session { user { ${FACTS} } } } }`,
        at: ['node', 'user'],
      }),
      'the payload of a mutation': () => ({
        source: `mutation { unlockUser(input: { id: "User:${victim.id}" }) { user { ${FACTS} } } }`,
        at: ['unlockUser', 'user'],
      }),
    };

    for (const [name, way] of Object.entries(ways)) {
      it(`shows the same of it: ${name}`, async () => {
        const { source, at } = way();
        const answer = await ask(source, moderator);
        const found = at.reduce<unknown>(
          (value, key) => (value as Record<string | number, unknown> | null)?.[key],
          answer.data,
        );
        expect(found, answer.text).to.deep.equal({
          id: `User:${victim.id}`,
          email: victim.email,
          phone: null,
          phoneVerified: null,
          roles: null,
          lockReason: null,
          viewerCan: { delete: false, update: false, lock: true },
        });
        expect(answer.text).to.not.include('+4420');
        const refused = answer.errors.map(({ path, extensions }) => `${path?.at(-1)} ${extensions.code}`);
        expect(refused.sort()).to.deep.equal([
          'phone FORBIDDEN',
          'phoneVerified FORBIDDEN',
          'roles FORBIDDEN',
        ]);
      });
    }

    it('leads from a hidden object to nothing, whatever hangs on it', async () => {
      const source = `query ($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Session { user { ${FACTS} } }
        ... on RefreshFamily { rotations user { ${FACTS} } session { user { ${FACTS} } } }
      } }`;
      const { data, errors } = await ask(source, user, { ids: [sessionId, familyId] });
      expect({ data, errors }).to.deep.equal({ data: { nodes: [null, null] }, errors: [] });
    });
  });

  describe('forbidden and missing objects', () => {
    const probes: Record<string, (id: { user: string; email: string; session: string }) => string> = {
      'user(id)': (id) => `{ user(id: "${id.user}") { id } }`,
      'user(email)': (id) => `{ user(email: "${id.email}") { id } }`,
      node: (id) => `{ node(id: "User:${id.user}") { id } }`,
      nodes: (id) => `{ nodes(ids: ["User:${id.user}", "Session:${id.session}"]) { id } }`,
      revokeSession: (id) =>
        `mutation { revokeSession(input: { id: "Session:${id.session}" }) { session { id } } }`,
      updateUser: (id) =>
        `mutation { updateUser(input: { id: "User:${id.user}", name: "x" }) { user { id } } }`,
      lockUser: (id) => `mutation { lockUser(input: { id: "User:${id.user}" }) { user { id } } }`,
      revokeTokens: (id) => `mutation { revokeTokens(input: { user: "User:${id.user}" }) { revoked } }`,
      whoCan: (id) =>
        `{ whoCan(action: "read", type: "User", field: "email", object: "User:${id.user}") { nodes { ruleIds } } }`,
      checkPermissions: (id) =>
        `{ checkPermissions(checks: [{ action: "read", type: "User", id: "User:${id.user}" }]) { allowed code } }`,
    };

    for (const [name, probe] of Object.entries(probes)) {
      it(`answer alike after the same questions to the database: ${name}`, async () => {
        const [, foreignSession = ''] = sessionId.split(':');
        const foreign = await observed(
          probe({ user: victim.id, email: victim.email, session: foreignSession }),
        );
        const missing = await observed(probe({ user: NOBODY, email: 'nobody@example.com', session: NOBODY }));
        expect(foreign).to.deep.equal(missing);
      });
    }

    /** The answer with the database operations behind it: equal work is what equal time is made of. */
    async function observed(source: string) {
      // The caller is remembered for less than a second: read now, they are no part of either answer's work.
      await ask('{ viewer { id } }', user);
      const operations: string[] = [];
      const { db } = app.deps.models.users;
      db.set('debug', (collection: string, method: string) => operations.push(`${collection}.${method}`));
      try {
        const answer = await ask(source, user);
        expect(answer.text)
          .to.not.match(/BAD_USER_INPUT|INTERNAL/)
          .and.not.include(victim.email);
        // Keys, denylist, policy and trail are kept in step at their own pace.
        const looked = operations.filter((one) =>
          /^(users|sessions|clients|roles|refreshFamilies)\./.test(one),
        );
        return { ...seen(answer), operations: looked };
      } finally {
        db.set('debug', false);
      }
    }
  });

  it('counts and pages of a list hold nothing out of sight', async () => {
    const { data } = await ask(
      '{ sessions(first: 5) { totalCount pageInfo { hasNextPage } nodes { user { id } } } }',
      user,
    );
    expect(data).to.deep.equal({
      sessions: {
        totalCount: 1,
        pageInfo: { hasNextPage: false },
        nodes: [{ user: { id: `User:${user.id}` } }],
      },
    });
  });
});
