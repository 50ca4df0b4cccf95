import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

const rule = (fields: string[], more: object = {}) => ({
  id: 'read',
  actions: ['read'],
  subject: 'User',
  fields,
  ...more,
});
const draftOf = (fields: string[]) => ({ roles: [{ name: 'support', rules: [rule(fields)] }] });
const OF_VERSION = 'version { version current comment publisher { id } } changes';

describe('versions of the policy', () => {
  let app: TestApp;
  let replica: TestApp;
  let admin: string;
  before(async () => {
    app = await startApp();
    replica = await startApp({}, { replicaOf: app });
    admin = await app.adminToken();
  });
  after(async () => {
    await replica.close();
    await app.close();
  });

  const publish = (input: object, token = admin) =>
    mutate(app, 'publishPolicy', { comment: 'test', ...input }, { token }, OF_VERSION);

  it('publishes a draft as the next version and says what it gives', async () => {
    const { payload } = await publish({ draft: draftOf(['id', 'name']), comment: 'support may read names' });
    expect(payload.userErrors).to.deep.equal([]);
    expect(payload.version).to.deep.include({ current: false, comment: 'support may read names' });
    expect(payload.version.publisher.id).to.match(/^User:/);
    expect(payload.changes).to.deep.equal([
      'role `support` is new',
      '`support` can now read User.id',
      '`support` can now read User.name',
    ]);
    const event = await app.deps.models.auditEvents.findOne({ action: 'policy.publish' }).lean();
    expect(event?.objectId).to.equal(String(payload.version.version));
    expect(event?.after).to.include('can now read User.name');
  });

  it('lists the versions, newest first, with what stands in them', async () => {
    const { data } = await app.graphql(
      `{ policyVersions(first: 1) { totalCount nodes { id version current roles { name builtIn rules { id conditions } } scopes { name } viewerCan { rollback } } } }`,
      {},
      { token: admin },
    );
    const [version] = data.policyVersions.nodes;
    expect(version.current).to.equal(true);
    expect(version.id).to.equal(`PolicyVersion:${version.version}`);
    expect(version.roles.map(({ name }: { name: string }) => name)).to.include.members(['admin', 'support']);
    const user = version.roles.find(({ name }: { name: string }) => name === 'user');
    expect(user.rules[0].conditions).to.deep.equal({ id: '{{principal.id}}' });
    expect(version.viewerCan.rollback).to.equal(true);
    const node = await app.graphql(
      'query ($id: ID!) { node(id: $id) { id } }',
      { id: version.id },
      { token: admin },
    );
    expect(node.data.node.id).to.equal(version.id);
    for (const id of ['PolicyVersion:0', 'PolicyVersion:x', 'PolicyVersion:1.5']) {
      expect((await app.graphql(`{ node(id: "${id}") { id } }`, {}, { token: admin })).data.node).to.equal(
        null,
      );
    }
  });

  it('pages through the versions', async () => {
    const page = (after: string | null) =>
      app.graphql(
        'query ($after: String) { policyVersions(first: 1, after: $after) { nodes { version } pageInfo { endCursor } } }',
        { after },
        { token: admin },
      );
    const first = (await page(null)).data.policyVersions;
    const second = (await page(first.pageInfo.endCursor)).data.policyVersions;
    expect(second.nodes[0].version).to.equal(first.nodes[0].version - 1);
  });

  it('tells the difference of two versions as data and as text, and rolls back', async () => {
    const before = app.deps.policy.current().version;
    await publish({ draft: draftOf(['id', 'name', 'phone']) });
    const diff = async (from: number, to: number) =>
      (
        await app.graphql(
          `{ policyDiff(from: ${from}, to: ${to}) { roles { added changed } rights { kind holder name action subject field before after text } text } }`,
          {},
          { token: admin },
        )
      ).data.policyDiff;
    expect(await diff(before, before + 1)).to.deep.equal({
      roles: { added: [], changed: ['support'] },
      rights: [
        {
          kind: 'GAINED',
          holder: 'ROLE',
          name: 'support',
          action: 'read',
          subject: 'User',
          field: 'phone',
          before: null,
          after: '',
          text: '`support` can now read User.phone',
        },
      ],
      text: 'role `support` is changed\n`support` can now read User.phone',
    });
    const { payload } = await mutate(
      app,
      'rollbackPolicy',
      { version: before, comment: 'back' },
      { token: admin },
      OF_VERSION,
    );
    expect(payload.changes).to.deep.equal([
      'role `support` is changed',
      '`support` can no longer read User.phone',
    ]);
    expect((await diff(before, before + 2)).text).to.equal('');
    const missing = await mutate(app, 'rollbackPolicy', { version: 999, comment: '' }, { token: admin });
    expect(missing.codes).to.deep.equal(['NOT_FOUND']);
  });

  it('switches every replica within a second, and decides each request by one version', async () => {
    const someone = await app.signUpAndConfirm();
    const reader = await app.signInAs('support');
    await publish({ draft: draftOf(['id', 'name']) });
    await replica.deps.policy.reload();
    const ask = (at: TestApp) =>
      at.graphql(`{ user(id: "${someone.id}") { id phone name } }`, {}, { token: reader.accessToken });
    await publish({ draft: draftOf(['id', 'phone']) });
    const published = performance.now();
    while (replica.deps.policy.current().version < app.deps.policy.current().version) {
      // Whichever version decides, it decides the whole answer: never phone and name both, never neither.
      const { errors } = await ask(replica);
      expect(errors.map(({ path }) => path?.at(-1))).to.have.length(1);
    }
    expect(performance.now() - published).to.be.below(1000);
    const { errors } = await ask(replica);
    expect(errors.map(({ path }) => path?.at(-1))).to.deep.equal(['name']);
  });

  it('names the place of every fault and changes nothing', async () => {
    const before = app.deps.policy.current().version;
    const { userErrors } = await publish({ draft: draftOf(['nmae']) });
    expect(userErrors).to.deep.equal([
      {
        code: 'BAD_USER_INPUT',
        path: ['input', 'draft', 'roles', '0', 'rules', '0', 'fields', '0'],
        message: 'draft.roles.0.rules.0.fields.0: unknown field nmae',
      },
    ]);
    const builtIn = await publish({ draft: { roles: [{ name: 'admin' }] } });
    expect(builtIn.userErrors[0]).to.deep.include({ code: 'CONFLICT', path: ['input', 'draft', 'roles'] });
    const stale = await publish({ draft: draftOf(['id']), basedOn: before - 1 });
    expect(stale.userErrors[0]).to.deep.include({ code: 'CONFLICT', path: ['input', 'basedOn'] });
    expect(app.deps.policy.current().version).to.equal(before);
  });

  it('asks to acknowledge a draft that gives much', async () => {
    const fields = [...(app.deps.policy.catalog.subjects.get('User')?.fields ?? [])].flatMap(
      ([name, { readable }]) => (readable ? [name] : []),
    );
    const refused = await publish({ draft: draftOf(fields) });
    expect(refused.userErrors[0]?.path).to.deep.equal(['input', 'acknowledgeWidening']);
    const { payload } = await publish({ draft: draftOf(fields), acknowledgeWidening: true });
    expect(payload.userErrors).to.deep.equal([]);
    expect(payload.version.version).to.equal(app.deps.policy.current().version);
  });

  it('shows no version to whoever may not read the policy', async () => {
    const { accessToken: token } = await app.signInAs();
    const list = await app.graphql('{ policyVersions(first: 1) { totalCount } }', {}, { token });
    expect(list.errors[0]?.extensions.code).to.equal('FORBIDDEN');
    const diff = await app.graphql('{ policyDiff(from: 1, to: 1) { text } }', {}, { token });
    expect(diff.errors[0]?.extensions.code).to.equal('FORBIDDEN');
    expect((await publish({ draft: {} }, token)).codes).to.deep.equal(['FORBIDDEN']);
    expect((await app.graphql('{ node(id: "PolicyVersion:1") { id } }', {}, { token })).data.node).to.equal(
      null,
    );
  });
});
