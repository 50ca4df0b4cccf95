import { expect } from 'chai';
import { openEvents } from '../../src/identity/audit/sealing.js';
import type { Rule } from '../../src/policies/rule.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';

const UNKNOWN = 'User:0192aaaa-0000-7000-8000-000000000000';
const EXPLAIN = `query($principal: PrincipalInput, $action: String!, $type: String!, $object: ID, $field: String) {
  explainAccess(principal: $principal, action: $action, type: $type, object: $object, field: $field) {
    code remedy policyVersion leg ruleId decidedBy failingCondition rules { ruleId counts } withoutRule { code } requirement { maxAgeSeconds } } }`;
const WHO = `query($action: String!, $type: String!, $field: String, $object: ID, $first: Int, $after: String) {
  whoCan(action: $action, type: $type, field: $field, object: $object, first: $first, after: $after) {
    edges { cursor node { user { id } ruleIds requirement { acr } } }
    pageInfo { hasNextPage endCursor } roles { role ruleId conditions } } }`;
const WHAT = `query($principal: PrincipalInput) {
  whatCan(principal: $principal) { type field action outcome rules { ruleId leg conditions } } }`;
const VIEW = `query($principal: PrincipalInput!, $query: String!) {
  viewAs(principal: $principal, query: $query) { paths { path effect count } } }`;
const CHECK = `query($checks: [PermissionCheck!]!, $principal: PrincipalInput) {
  checkPermissions(checks: $checks, principal: $principal) { allowed code remedy requirement { acr } } }`;

describe('questions about access', function () {
  this.timeout(60_000);
  let app: TestApp;
  let user: Person & Tokens;
  let auditor: Person & Tokens;
  let moderator: Person & Tokens;
  const asks = (who: Tokens, document: string, variables: Record<string, unknown> = {}) =>
    app.graphql(document, variables, { token: who.accessToken });

  before(async () => {
    app = await startApp();
    const rule: Rule = {
      id: 'explain',
      effect: 'allow',
      actions: ['explain'],
      subject: 'Decision',
      fields: ['*'],
    };
    await app.deps.policy.publish(
      ({ roles, scopes }) => ({
        roles: [
          ...roles.values(),
          { name: 'explainer', description: '', inherits: ['moderator'], rules: [rule], builtIn: false },
        ],
        scopes: [...scopes.values()],
      }),
      { kind: 'system' },
      'test',
    );
    user = await app.signInAs();
    auditor = await app.signInAs('auditor');
    moderator = await app.signInAs('moderator');
  });
  after(() => app.close());

  it('are answered about oneself: the outcome and the remedy, without the reasons', async () => {
    const object = `User:${user.id}`;
    const own = await asks(user, EXPLAIN, { action: 'read', type: 'User', object, field: 'email' });
    expect(own.data.explainAccess).to.include({ code: 'ALLOWED', leg: null, ruleId: null, rules: null });
    const refused = await asks(user, EXPLAIN, { action: 'lock', type: 'User', object });
    expect(refused.data.explainAccess).to.include({
      code: 'FORBIDDEN',
      remedy: 'needs a role that may lock User.*',
      decidedBy: null,
      failingCondition: null,
      withoutRule: null,
    });
  });

  it('take `explain` about others, and are audited', async () => {
    const about = { principal: { id: `User:${user.id}` }, action: 'read', type: 'User', field: 'email' };
    for (const who of [user, moderator]) {
      const { errors } = await asks(who, EXPLAIN, about);
      expect(errors[0]?.extensions.code).to.equal('FORBIDDEN');
    }
    expect((await app.graphql(WHAT)).errors[0]?.extensions.code).to.equal('UNAUTHENTICATED');
    const object = `User:${auditor.id}`;
    const { data } = await asks(auditor, EXPLAIN, { ...about, object });
    expect(data.explainAccess).to.deep.include({
      code: 'FORBIDDEN',
      leg: 'USER',
      ruleId: null,
      decidedBy: 'RIGHT',
      failingCondition: { id: '{{principal.id}}' },
      rules: [{ ruleId: 'user/readSelf', counts: false }],
    });
    const event = await app.deps.models.auditEvents
      .findOne({ action: 'policy.ask', objectId: user.id, actorId: auditor.id } as object)
      .lean();
    const [opened] = await openEvents(app.deps, event ? [event] : []);
    expect(opened?.reason).to.equal('explainAccess read User.email');
  });

  it('answer for objects out of sight as for missing ones', async () => {
    for (const object of [`User:${auditor.id}`, UNKNOWN]) {
      const { data, errors } = await asks(user, EXPLAIN, { action: 'read', type: 'User', object });
      expect(data.explainAccess).to.equal(null);
      expect(errors[0]).to.deep.include({ message: 'There is no such object.' });
      const checked = await asks(user, CHECK, { checks: [{ action: 'read', type: 'User', id: object }] });
      expect(checked.data.checkPermissions).to.deep.equal([
        { allowed: false, code: 'NOT_FOUND', remedy: null, requirement: null },
      ]);
    }
    const { errors } = await asks(auditor, WHAT, { principal: { id: UNKNOWN } });
    expect(errors[0]?.extensions.code).to.equal('NOT_FOUND');
  });

  it('refuse what the policy does not know, naming the argument', async () => {
    for (const [wrong, argument] of [
      [{ action: 'read', type: 'Nothing' }, 'type'],
      [{ action: 'fly', type: 'User' }, 'action'],
      [{ action: 'read', type: 'User', field: 'passwordHash' }, 'field'],
    ] as const) {
      const { errors } = await asks(user, EXPLAIN, wrong);
      expect(errors[0]?.extensions).to.deep.include({ code: 'BAD_USER_INPUT', argument: [argument] });
    }
  });

  it('say who can, through which rule, page by page', async () => {
    const object = `User:${user.id}`;
    const found: Record<string, string[]> = {};
    let after: string | null = null;
    for (let page = 0; page < 20; page += 1) {
      const variables = { action: 'read', type: 'User', field: 'email', object, first: 1, after };
      const { data } = await asks(auditor, WHO, variables);
      expect(data.whoCan.edges.length).to.be.lessThan(2);
      for (const { node } of data.whoCan.edges) found[node.user.id] = node.ruleIds;
      after = data.whoCan.pageInfo.endCursor;
      if (!data.whoCan.pageInfo.hasNextPage) break;
    }
    const admin = await app.deps.models.users.findOne({ username: 'root' }).lean();
    expect(found).to.deep.include({
      [`User:${user.id}`]: ['user/readSelf'],
      [`User:${auditor.id}`]: ['auditor/readUsers'],
      [`User:${moderator.id}`]: ['moderator/readUsers'],
    });
    expect(Object.keys(found)).to.have.members(
      [user, auditor, moderator].map(({ id }) => `User:${id}`).concat(`User:${admin?._id}`),
    );
    const { data } = await asks(auditor, WHO, { action: 'lock', type: 'User', object });
    expect(data.whoCan.roles).to.deep.include({
      role: 'moderator',
      ruleId: 'moderator/lockUsers',
      conditions: null,
    });
    expect(data.whoCan.roles.map(({ role }: { role: string }) => role)).to.have.members([
      'admin',
      'moderator',
      'explainer',
    ]);
    expect((await asks(user, WHO, { action: 'lock', type: 'User' })).errors[0]?.extensions.code).to.equal(
      'FORBIDDEN',
    );
  });

  it('say what somebody can, with the conditions', async () => {
    const { data } = await asks(auditor, WHAT, { principal: { id: `User:${user.id}` } });
    expect(data.whatCan).to.deep.include({
      type: 'User',
      field: 'email',
      action: 'read',
      outcome: 'CONDITIONAL',
      rules: [{ ruleId: 'user/readSelf', leg: 'USER', conditions: { id: '{{principal.id}}' } }],
    });
    const rights = data.whatCan.map(
      ({ action, type }: { action: string; type: string }) => `${action} ${type}`,
    );
    expect(rights).not.to.include('lock User');
    const scoped = await asks(auditor, WHAT, { principal: { id: `User:${user.id}`, scopes: ['openid'] } });
    expect(scoped.data.whatCan.map(({ field }: { field: string }) => field)).to.deep.equal(['id']);
    const own = await asks(user, WHAT);
    expect(own.data.whatCan.length).to.equal(data.whatCan.length);
    expect(own.data.whatCan[0].rules).to.equal(null);
  });

  it('show what of a query another would see, and never a value', async () => {
    const query = `{ viewer { id name email lockReason } users(first: 50) { nodes { id phone } } }`;
    const about = { principal: { id: `User:${moderator.id}` }, query };
    const { data, text } = await asks(auditor, VIEW, about);
    const count = await app.deps.models.users.countDocuments({});
    expect(data.viewAs.paths).to.deep.include.members([
      { path: 'viewer.email', effect: 'ALLOWED', count: 1 },
      { path: 'users.nodes.*.id', effect: 'ALLOWED', count },
      { path: 'users.nodes.*.phone', effect: 'DENIED', count: count - 1 },
      { path: 'users.nodes.*.phone', effect: 'ALLOWED', count: 1 },
    ]);
    expect(text).not.to.contain(moderator.email);
    const sessions = '{ sessions(first: 5) { nodes { id } } }';
    const filtered = await asks(auditor, VIEW, { principal: { id: `User:${user.id}` }, query: sessions });
    const all = await app.deps.models.sessions.countDocuments({});
    const own = await app.deps.models.sessions.countDocuments({ userId: user.id });
    expect(filtered.data.viewAs.paths).to.deep.include({
      path: 'sessions',
      effect: 'FILTERED',
      count: all - own,
    });
  });

  it('let nobody look through the eyes of somebody who sees more, nor change anything', async () => {
    const explainer = await app.signInAs('explainer');
    const principal = { id: `User:${auditor.id}` };
    const query = '{ viewer { id } }';
    const { data, errors } = await asks(explainer, VIEW, { principal, query });
    expect(data.viewAs).to.equal(null);
    expect(errors[0]?.extensions.code).to.equal('FORBIDDEN');
    for (const wrong of [
      'mutation { signOut { signedOut } }',
      '{ nothing }',
      '{',
      `{ viewAs(principal: { id: "User:${user.id}" }, query: "{ viewer { id } }") { policyVersion } }`,
    ]) {
      const refused = await asks(auditor, VIEW, { principal: { id: `User:${user.id}` }, query: wrong });
      expect(refused.errors[0]?.extensions, wrong).to.include({ code: 'BAD_USER_INPUT' });
    }
    const deep = `{ viewer { ${'sessions { nodes { user { '.repeat(8)} id ${'} } } '.repeat(8)} } }`;
    const refused = await asks(auditor, VIEW, { principal: { id: `User:${user.id}` }, query: deep });
    expect(refused.errors[0]?.extensions.code).to.equal('LIMIT_EXCEEDED');
  });

  it('put nobody else into the audit trail while a mask is made', async () => {
    const other = await app.signInAs('auditor');
    const query = '{ whoCan(action: "lock", type: "User") { nodes { user { id } } } }';
    const { data } = await asks(auditor, VIEW, { principal: { id: `User:${other.id}` }, query });
    expect(data.viewAs.paths).to.have.length(1);
    expect(data.viewAs.paths[0]).to.include({ path: 'whoCan.nodes.*.user.id', effect: 'ALLOWED' });
    const { auditEvents } = app.deps.models;
    const asked = { action: 'policy.ask', objectId: other.id, actorId: auditor.id } as object;
    expect(await auditEvents.countDocuments(asked)).to.equal(1);
    expect(await auditEvents.countDocuments({ action: 'policy.ask', actorId: other.id } as object)).to.equal(
      0,
    );
  });

  it('are checked in bulk, each answer in its place', async () => {
    const checks = [
      { action: 'read', type: 'User', id: `User:${user.id}`, field: 'email' },
      { action: 'lock', type: 'User', id: `User:${user.id}` },
      { action: 'read', type: 'User', id: UNKNOWN },
      { action: 'update', type: 'User', id: `User:${user.id}`, field: 'name' },
      { action: 'create', type: 'Client', field: 'name' },
    ];
    const { data } = await asks(user, CHECK, { checks });
    expect(data.checkPermissions.map(({ code }: { code: string }) => code)).to.deep.equal([
      'ALLOWED',
      'FORBIDDEN',
      'NOT_FOUND',
      'ALLOWED',
      'FORBIDDEN',
    ]);
    const about = await asks(auditor, CHECK, { checks, principal: { id: `User:${moderator.id}` } });
    expect(about.data.checkPermissions.map(({ allowed }: { allowed: boolean }) => allowed)).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
    ]);
    const many = Array.from({ length: 101 }, () => checks[0]);
    expect((await asks(user, CHECK, { checks: many })).errors[0]?.extensions.code).to.equal('LIMIT_EXCEEDED');
    const wrong = await asks(user, CHECK, { checks: [checks[0], { action: 'fly', type: 'User' }] });
    expect(wrong.errors[0]?.extensions).to.deep.include({ argument: ['checks', '1', 'action'] });
  });
});
