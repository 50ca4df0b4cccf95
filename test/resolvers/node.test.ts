import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';

describe('looking up one object', () => {
  let app: TestApp;
  let me: Awaited<ReturnType<TestApp['signInAs']>>;
  let other: Awaited<ReturnType<TestApp['signInAs']>>;
  before(async () => {
    app = await startApp();
    me = await app.signInAs();
    other = await app.signInAs();
  });
  after(() => app.close());

  const NODE = 'query ($id: ID!) { node(id: $id) { __typename id ... on User { email } } }';

  it('answers with an object of each type by its global id', async () => {
    const token = await app.adminToken();
    const session = await app.deps.models.sessions.findOne({ userId: me.id }).lean();
    const family = await app.deps.models.refreshFamilies.findOne({ userId: me.id }).lean();
    const event = await app.deps.models.auditEvents.findOne({}).lean();
    const ids = [
      `User:${me.id}`,
      'Role:admin',
      'Client:fieldgate',
      `Session:${session?._id}`,
      `RefreshFamily:${family?._id}`,
      `AuditEvent:${event?._id}`,
    ];
    const { data, errors } = await app.graphql(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }',
      { ids },
      { token },
    );
    expect(errors).to.deep.equal([]);
    expect(data.nodes).to.deep.equal(ids.map((id) => ({ __typename: id.split(':', 1)[0], id })));
  });

  it('shows no difference between what is foreign, what is missing and what is no id', async () => {
    const session = await app.deps.models.sessions.findOne({ userId: other.id }).lean();
    const ids = [
      `User:${other.id}`,
      `Session:${session?._id}`,
      'User:00000000-0000-7000-8000-000000000000',
      'Client:fieldgate',
      'Role:admin',
      'Confirmation:1',
      'SigningKey:1',
      'User:',
      'User',
      '',
      'User:{"$ne":null}',
      '__proto__:x',
    ];
    for (const id of ids) {
      const { body } = await app.graphql(NODE, { id }, { token: me.accessToken });
      expect(body, id).to.deep.equal({ data: { node: null } });
    }
  });

  it('finds a user by exactly one of id, e-mail, phone and username', async () => {
    const token = await app.adminToken();
    await app.deps.models.users.updateOne(
      { _id: other.id },
      { $set: { phone: '+442079460000', username: 'Other', usernameNormalized: 'other' } },
    );
    const find = async (args: string) => app.graphql(`{ user(${args}) { id } }`, {}, { token });
    const expected = { user: { id: `User:${other.id}` } };
    expect((await find(`id: "User:${other.id}"`)).data).to.deep.equal(expected);
    expect((await find(`id: "${other.id}"`)).data).to.deep.equal(expected);
    expect((await find(`email: "${other.email.toUpperCase()}"`)).data).to.deep.equal(expected);
    expect((await find('phone: "+44 20 7946 0000"')).data).to.deep.equal(expected);
    expect((await find('username: "oTHER"')).data).to.deep.equal(expected);
    const both = await find(`id: "${other.id}", username: "other"`);
    expect(both.data).to.deep.equal({ user: null });
    expect(both.errors[0]?.extensions.code).to.equal('BAD_USER_INPUT');
  });

  it('finds nobody by a field of theirs that the viewer may not read', async () => {
    const { accessToken: token } = await app.signInAs('moderator');
    const byEmail = await app.graphql(`{ user(email: "${other.email}") { id } }`, {}, { token });
    expect(byEmail.data.user).to.not.equal(null);
    const byPhone = await app.graphql('{ user(phone: "+442079460000") { id } }', {}, { token });
    expect(byPhone.body).to.deep.equal({ data: { user: null } });
    const asUser = await app.graphql(
      `{ user(email: "${other.email}") { id } }`,
      {},
      { token: me.accessToken },
    );
    expect(asUser.body).to.deep.equal({ data: { user: null } });
  });

  it('finds roles by name and clients by client id', async () => {
    const token = await app.adminToken();
    const { data } = await app.graphql(
      '{ role(name: "moderator") { name rules { id effect conditions } } client(clientId: "fieldgate") { clientId firstParty } none: role(name: "nope") { id } }',
      {},
      { token },
    );
    expect(data.role.rules[0]).to.include({ id: 'readUsers', effect: 'ALLOW' });
    expect(data.client).to.deep.equal({ clientId: 'fieldgate', firstParty: true });
    expect(data.none).to.equal(null);
  });

  it('says of each object what the viewer may do with it', async () => {
    const { data } = await app.graphql(
      '{ viewer { viewerCan { update delete lock setRoles export } sessions { nodes { viewerCan { revoke } } } } }',
      {},
      { token: me.accessToken },
    );
    expect(data.viewer.viewerCan).to.deep.equal({
      update: true,
      delete: true,
      lock: false,
      setRoles: false,
      export: true,
    });
    expect(data.viewer.sessions.nodes).to.deep.equal([{ viewerCan: { revoke: true } }]);
  });

  it('leaves the rest of an answer standing when one field is denied', async () => {
    const { data, errors } = await app.graphql(
      '{ viewer { email lockReason } users { totalCount } }',
      {},
      { token: me.accessToken },
    );
    expect(data).to.deep.equal({ viewer: { email: me.email, lockReason: null }, users: null });
    const refused = Object.fromEntries(
      errors.map(({ path, extensions }) => [path?.join('.'), extensions.code]),
    );
    expect(refused).to.deep.equal({ users: 'FORBIDDEN', 'viewer.lockReason': 'FORBIDDEN' });
  });

  it('refuses more than 100 ids', async () => {
    const ids = Array.from({ length: 101 }, () => 'User:x');
    const { data, errors } = await app.graphql(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids },
      { token: me.accessToken },
    );
    expect(data).to.deep.equal({ nodes: null });
    expect(errors[0]?.extensions.code).to.equal('LIMIT_EXCEEDED');
  });
});
