import { expect } from 'chai';
import { mutate } from '../resolvers/mutate.js';
import { startApp, type TestApp } from '../support/app.js';

describe('nobody gains a right by taking a refusal away', () => {
  let app: TestApp;
  let admin: { token: string };

  before(async () => {
    app = await startApp();
    admin = { token: await app.adminToken() };
    const users = { subject: 'User', effect: 'ALLOW' };
    await createRole('helpdesk', [
      { ...users, id: 'see', actions: ['read', 'list'], fields: ['id', 'email', 'phone', 'roleAssignments'] },
      { ...users, id: 'give', actions: ['setRoles'], fields: ['*'] },
    ]);
    await createRole('probation', [
      { ...users, id: 'hide', effect: 'DENY', actions: ['read', 'list'], fields: ['email'] },
    ]);
    await createRole('nothing', [
      { ...users, id: 'hide', effect: 'DENY', actions: ['read', 'list', 'update'], fields: ['*'] },
    ]);
  });
  after(() => app.close());

  async function createRole(name: string, rules: object[]): Promise<void> {
    const input = { name, description: name, inherits: [], rules };
    const { userErrors, errors } = await mutate(app, 'createRole', input, admin);
    expect([errors, userErrors]).to.deep.equal([[], []]);
  }

  const setRoles = (id: string, roles: object[], token: string) =>
    mutate(app, 'setUserRoles', { id: `User:${id}`, roles }, { token });
  const user = { role: 'user' };
  const helpdesk = { role: 'helpdesk' };
  const probation = { role: 'probation' };

  it('who may set roles cannot shed a role that denies them something', async () => {
    const me = await app.signInAs('helpdesk', 'probation');
    const { codes } = await setRoles(me.id, [user, helpdesk], me.accessToken);
    expect(codes).to.deep.equal(['FORBIDDEN']);
    const { roleAssignments } = (await app.deps.models.users.findById(me.id).lean()) ?? {};
    expect(roleAssignments?.map(({ role }) => role)).to.deep.equal(['user', 'helpdesk', 'probation']);
  });

  it('who may set roles cannot put an end to a role that denies them something', async () => {
    const me = await app.signInAs('helpdesk', 'probation');
    const validUntil = new Date(app.clock().getTime() + 60_000).toISOString();
    const { codes } = await setRoles(me.id, [user, helpdesk, { ...probation, validUntil }], me.accessToken);
    expect(codes).to.deep.equal(['FORBIDDEN']);
  });

  it('who may set roles cannot lift for others what they could not do themselves', async () => {
    const me = await app.signInAs('helpdesk');
    const restrained = await app.signInAs('admin', 'nothing');
    const { codes } = await setRoles(restrained.id, [user, { role: 'admin' }], me.accessToken);
    expect(codes).to.deep.equal(['FORBIDDEN']);
  });

  it('who has the denied right takes the role away, and who keeps the denial changes other roles', async () => {
    const other = await app.signInAs('helpdesk', 'probation', 'nothing');
    const lifted = await setRoles(other.id, [user, helpdesk], admin.token);
    expect([lifted.codes, lifted.userErrors]).to.deep.equal([[], []]);
    const me = await app.signInAs('helpdesk', 'probation');
    const kept = await setRoles(me.id, [helpdesk, probation], me.accessToken);
    expect([kept.codes, kept.userErrors]).to.deep.equal([[], []]);
  });

  it('holds for the roles of clients too', async () => {
    const input = { name: 'robot', grantTypes: ['CLIENT_CREDENTIALS'], roles: ['helpdesk', 'probation'] };
    const { payload } = await mutate(app, 'createClient', input, admin, 'client { id }');
    await createRole('robotKeeper'.toLowerCase(), [
      { subject: 'Client', effect: 'ALLOW', id: 'see', actions: ['read'], fields: ['id', 'roles'] },
      { subject: 'Client', effect: 'ALLOW', id: 'change', actions: ['update'], fields: ['roles'] },
    ]);
    const keeper = await app.signInAs('robotkeeper');
    const change = (roles: string[], token: string) =>
      mutate(app, 'updateClient', { id: payload.client.id, roles }, { token });
    expect((await change(['helpdesk'], keeper.accessToken)).codes).to.deep.equal(['FORBIDDEN']);
    expect((await change(['helpdesk'], admin.token)).userErrors).to.deep.equal([]);
  });
});
