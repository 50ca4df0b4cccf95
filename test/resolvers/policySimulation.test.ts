import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

const SIMULATION = `query ($input: SimulatePolicyInput!) { simulatePolicy(input: $input) {
  requests decisions newlyAllowed newlyDenied undecided needsAcknowledgement
  byRole { name newlyAllowed newlyDenied } byClient { name newlyAllowed newlyDenied }
  byField { name newlyAllowed newlyDenied }
  examples { change operation kind roles clientId action subject field } rights { text } } }`;

const rule = (id: string, fields: string[], more: object = {}) => ({
  id,
  actions: ['read'],
  subject: 'User',
  fields,
  ...more,
});
const support = (...fields: string[]) => ({
  roles: [
    {
      name: 'support',
      rules: [rule('see', ['id', ...fields]), { ...rule('list', ['id']), actions: ['list'] }],
    },
  ],
});

describe('recorded decisions', () => {
  let app: TestApp;
  let admin: string;
  let person: Awaited<ReturnType<TestApp['signInAs']>>;
  let other: string;
  before(async () => {
    app = await startApp({ policy: { sampleRate: 1, sampleLimit: 40 } });
    admin = await app.adminToken();
    await mutate(app, 'publishPolicy', { comment: '', draft: support('name', 'locale') }, { token: admin });
    person = await app.signInAs('support');
    other = (await app.signUpAndConfirm()).id;
    await app.graphql(
      'query Support { user(id: "' + other + '") { id name email } viewer { id email } }',
      {},
      { token: person.accessToken },
    );
  });
  after(() => app.close());

  const simulate = async (draft: object) =>
    (await app.graphql(SIMULATION, { input: { draft } }, { token: admin })).data.simulatePolicy;

  it('show no change under the policy in force', async () => {
    const now = await simulate({});
    expect(now).to.deep.include({ newlyAllowed: 0, newlyDenied: 0, undecided: 0, examples: [], rights: [] });
    expect(now.requests).to.be.above(0);
    expect(now.needsAcknowledgement).to.equal(false);
  });

  it('show what a draft would have allowed, by role, client and field', async () => {
    const wider = await simulate(support('name', 'locale', 'email'));
    expect(wider).to.deep.include({
      newlyAllowed: 1,
      newlyDenied: 0,
      needsAcknowledgement: true,
      byClient: [{ name: 'fieldgate', newlyAllowed: 1, newlyDenied: 0 }],
      byField: [{ name: 'read User.email', newlyAllowed: 1, newlyDenied: 0 }],
      rights: [{ text: '`support` can now read User.email' }],
    });
    expect(wider.byRole).to.deep.include({ name: 'support', newlyAllowed: 1, newlyDenied: 0 });
    expect(wider.examples).to.deep.equal([
      {
        change: 'ALLOWED',
        operation: 'Support',
        kind: 'USER',
        roles: ['user', 'support'],
        clientId: 'fieldgate',
        action: 'read',
        subject: 'User',
        field: 'email',
      },
    ]);
  });

  it('show what a draft would have denied, and what it decides by things not on record', async () => {
    const narrower = await simulate(support('locale'));
    expect(narrower.byField).to.deep.equal([{ name: 'read User.name', newlyAllowed: 0, newlyDenied: 1 }]);
    const draft = support('name', 'locale');
    const onLocale = {
      roles: [{ ...draft.roles[0], rules: [rule('see', ['id', 'name'], { conditions: { locale: 'de' } })] }],
    };
    expect((await simulate(onLocale)).undecided).to.be.above(0);
  });

  it('make publishing a draft that turns refusals round take an acknowledgement', async () => {
    const draft = support('name', 'locale', 'email');
    const refused = await mutate(app, 'publishPolicy', { comment: '', draft }, { token: admin });
    expect(refused.userErrors[0]?.path).to.deep.equal(['input', 'acknowledgeWidening']);
    expect(refused.userErrors[0]?.message).to.include('1 recorded decisions');
  });

  it('tell the smallest set of rules that somebody needed, and what they never used', async () => {
    const { data } = await app.graphql(
      `query ($id: ID!, $since: DateTime!) { suggestPolicy(principal: $id, since: $since) {
        requests unexplained rules { effect actions subject fields conditions } unused { role ruleId action subject fields } } }`,
      { id: `User:${person.id}`, since: new Date(app.clock().getTime() - 60_000).toISOString() },
      { token: admin },
    );
    const { rules, unused, unexplained } = data.suggestPolicy;
    expect(unexplained).to.equal(0);
    expect(rules).to.deep.include({
      effect: 'ALLOW',
      actions: ['read'],
      subject: 'User',
      fields: ['email'],
      conditions: { id: '{{principal.id}}' },
    });
    expect(rules).to.deep.include({
      effect: 'ALLOW',
      actions: ['read'],
      subject: 'User',
      fields: ['id', 'name'],
      conditions: null,
    });
    expect(unused).to.deep.include({
      role: 'support',
      ruleId: 'see',
      action: 'read',
      subject: 'User',
      fields: ['locale'],
    });
    expect(unused).to.deep.include({
      role: 'support',
      ruleId: 'list',
      action: 'list',
      subject: 'User',
      fields: ['id'],
    });
  });

  it('hold nothing by which a person could be known', async () => {
    await app.deps.samples.flush();
    const stored = JSON.stringify(await app.deps.models.policySamples.find().lean());
    for (const text of [person.id, person.email, other, app.admin.email]) expect(stored).not.to.include(text);
  });

  it('are kept up to the limit and for as long as configured, the newest', async () => {
    for (let at = 0; at < 60; at += 1)
      await app.graphql('{ viewer { id } }', {}, { token: person.accessToken });
    await app.deps.samples.flush();
    const stored = await app.deps.models.policySamples.find().sort({ _id: -1 }).lean();
    expect(stored.length).to.be.at.most(80);
    const [newest] = stored;
    expect(newest && newest.expiresAt.getTime() - newest.at.getTime()).to.be.closeTo(14 * 86_400_000, 60_000);
  });

  it('are for those who may simulate and suggest', async () => {
    const ask = await app.graphql(SIMULATION, { input: { draft: {} } }, { token: person.accessToken });
    expect(ask.errors[0]?.extensions.code).to.equal('FORBIDDEN');
    const suggest = await app.graphql(
      `{ suggestPolicy(principal: "User:${other}", since: "2020-01-01T00:00:00Z") { requests } }`,
      {},
      { token: person.accessToken },
    );
    expect(suggest.errors[0]?.extensions.code).to.equal('FORBIDDEN');
  });
});
