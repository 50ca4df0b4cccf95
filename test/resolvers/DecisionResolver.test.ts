import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';

const EXPLAIN = { 'x-fieldgate-explain': '1' };
const NOTE = `query Look($id: ID!) { decision(id: $id) {
  id action type field code leg ruleId policyVersion remedy count decidedBy principalKind roles scopes clientId requestId
  rules { ruleId effect counts conditions failing unmet { acr maxAgeSeconds } } viewerCan { explain } } }`;

describe('decisions', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it('are told of a refusal by code, remedy and id, to somebody without the right to more', async () => {
    const { accessToken } = await app.signInAs();
    const answer = await app.graphql(
      '{ viewer { name lockReason } }',
      {},
      { token: accessToken, headers: EXPLAIN },
    );
    expect(answer.body).not.to.have.property('extensions');
    const [error, ...others] = answer.errors;
    expect(others).to.deep.equal([]);
    expect(error?.extensions).to.have.all.keys('code', 'remedy', 'decisionId');
    expect(error?.path).to.deep.equal(['viewer', 'lockReason']);
  });

  it('are looked up by their id with their reasons, and without the name of who asked', async () => {
    const person = await app.signInAs();
    const refused = await app.graphql('{ viewer { id lockReason } }', {}, { token: person.accessToken });
    const id = refused.errors[0]?.extensions['decisionId'];
    const auditor = await app.signInAs('auditor');
    const { data, text } = await app.graphql(NOTE, { id }, { token: auditor.accessToken });
    expect(data.decision).to.deep.include({
      id,
      action: 'read',
      type: 'User',
      field: 'lockReason',
      code: 'FORBIDDEN',
      leg: 'USER',
      ruleId: null,
      decidedBy: 'RIGHT',
      principalKind: 'user',
      roles: ['user'],
      count: 1,
      rules: [],
      viewerCan: { explain: true },
    });
    expect(text).not.to.contain(person.id);
    expect(text).not.to.contain(person.email);

    const { accessToken } = await app.signInAs();
    const denied = await app.graphql(NOTE, { id }, { token: accessToken });
    expect(denied.data.decision).to.equal(null);
    expect(denied.errors[0]?.extensions.code).to.equal('FORBIDDEN');
    expect((await app.graphql(NOTE, { id })).errors[0]?.extensions.code).to.equal('UNAUTHENTICATED');
  });

  it('are one for all refusals of a request that say the same', async () => {
    const moderator = await app.signInAs('moderator');
    for (let made = 0; made < 3; made += 1) await app.signUpAndConfirm();
    const { errors } = await app.graphql(
      '{ users(first: 3) { nodes { phone attributes } } }',
      {},
      { token: moderator.accessToken },
    );
    // The own account is a user's to read.
    const ids = new Set(errors.map(({ extensions }) => extensions['decisionId']));
    expect(errors.length).to.be.greaterThan(3);
    expect(ids.size).to.equal(2);
    const auditor = await app.signInAs('auditor');
    const { data } = await app.graphql(NOTE, { id: [...ids][0] }, { token: auditor.accessToken });
    expect(data.decision.count).to.equal(errors.length / 2);
    expect(data.decision.rules).to.deep.include({
      ruleId: 'user/readSelf',
      effect: 'ALLOW',
      counts: false,
      conditions: { id: '{{principal.id}}' },
      failing: { id: '{{principal.id}}' },
      unmet: null,
    });
  });

  it('are stored within a second, and forgotten after a day', async () => {
    const { accessToken } = await app.signInAs();
    const refused = await app.graphql('{ viewer { lockReason } }', {}, { token: accessToken });
    const id = String(refused.errors[0]?.extensions['decisionId']);
    for (let tries = 0; tries < 40; tries += 1) {
      if (await app.deps.models.decisions.exists({ _id: id })) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await app.deps.models.decisions.findById(id).lean())?.field).to.equal('lockReason');
    expect(await app.deps.decisions.find(id)).to.include({ _id: id });
    app.clock.advance(86_400);
    expect(await app.deps.decisions.find(id)).to.equal(null);
  });

  it('are explained in the answer, allowed and refused, by path, to an auditor who asks for it', async () => {
    const { accessToken, id } = await app.signInAs('auditor');
    const document = `mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { user { name } userErrors { code } } }`;
    const change = await app.graphql<never>(
      document,
      { input: { name: 'Ann' } },
      { token: accessToken, headers: EXPLAIN },
    );
    const { decisions } = change.body as unknown as { extensions?: { decisions: object[] } }['extensions'] & {
      decisions: object[];
    };
    expect(decisions).to.equal(undefined);
    const { extensions } = change.body as unknown as { extensions: { decisions: Record<string, unknown>[] } };
    expect(extensions.decisions.map(({ path, effect, ruleId }) => ({ path, effect, ruleId }))).to.deep.equal([
      { path: ['updateProfile'], effect: 'ALLOW', ruleId: 'user/updateSelf' },
      { path: ['updateProfile', 'user', 'name'], effect: 'ALLOW', ruleId: 'auditor/readUsers' },
    ]);

    const lock = await app.graphql(
      'mutation($input: LockUserInput!) { lockUser(input: $input) { userErrors { code } } }',
      { input: { id: `User:${id}` } },
      { token: accessToken, headers: EXPLAIN },
    );
    const [refusal] = (lock.body as unknown as { extensions: { decisions: Record<string, unknown>[] } })
      .extensions.decisions;
    expect(refusal).to.deep.include({
      path: ['lockUser'],
      effect: 'DENY',
      code: 'FORBIDDEN',
      action: 'lock',
      type: 'User',
      field: '*',
      leg: 'user',
      ruleId: null,
      rules: [],
      failingCondition: null,
      remedy: 'needs a role that may lock User.*',
      decisionId: lock.errors[0]?.extensions['decisionId'],
      policyVersion: app.deps.policy.current().version,
    });
  });

  it('say nothing of objects that are out of sight', async () => {
    const role = {
      id: 'explain',
      effect: 'allow',
      actions: ['explain'],
      subject: 'Decision',
      fields: ['*'],
    } as const;
    await app.deps.policy.publish(
      ({ roles, scopes }) => ({
        roles: [
          ...roles.values(),
          { name: 'explainer', description: '', inherits: ['user'], rules: [role], builtIn: false },
        ],
        scopes: [...scopes.values()],
      }),
      { kind: 'system' },
      'test',
    );
    const stranger = await app.signUpAndConfirm();
    const { accessToken } = await app.signInAs('explainer');
    const seen = async (id: string) => {
      const credentials = { token: accessToken, headers: EXPLAIN };
      const { body } = await app.graphql('query($id: ID!) { node(id: $id) { id } }', { id }, credentials);
      return JSON.stringify(body);
    };
    const hidden = await seen(`User:${stranger.id}`);
    expect(hidden).to.equal(await seen('User:0192aaaa-0000-7000-8000-000000000000'));
    expect(JSON.parse(hidden)).to.deep.equal({ data: { node: null }, extensions: { decisions: [] } });
  });
});
