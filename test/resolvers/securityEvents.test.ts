import { expect } from 'chai';
import { toGlobalId } from '../../src/schema/globalId.js';
import { startApp, type TestApp } from '../support/app.js';

const MINE =
  '{ viewer { id securityEvents(first: 2) { nodes { action outcome address } pageInfo { hasNextPage } totalCount } } }';
const RISKS = 'query($user: ID) { riskSignals(first: 10, user: $user) { nodes { action after } } }';

describe('security events', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it('are those of the own account, paged, and of nobody else', async () => {
    const ada = await app.signInAs('user');
    const other = await app.signInAs('user');
    const wrong = await app.graphql(
      'mutation($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }',
      { input: { identifier: ada.email, password: 'wrong' } },
    );
    expect(wrong.errors).to.deep.equal([]);
    const { data, errors } = await app.graphql(MINE, {}, { token: ada.accessToken });
    expect(errors).to.deep.equal([]);
    const { nodes, totalCount } = data.viewer.securityEvents;
    expect(nodes[0]).to.include({ action: 'user.signIn', outcome: 'DENIED' });
    expect(nodes[0].address).to.be.a('string');
    expect(totalCount).to.be.at.least(2);
    const theirs = await app.graphql(MINE, {}, { token: other.accessToken });
    expect(
      theirs.data.viewer.securityEvents.nodes.map((node: { outcome: string }) => node.outcome),
    ).not.to.include('DENIED');
  });

  it('that are risk signals are listed for administrators, of one user too, and for nobody else', async () => {
    const person = await app.signInAs('user');
    await app.deps.audit.record({
      action: 'user.assessRisk',
      outcome: 'success',
      actor: { kind: 'anonymous' },
      objectType: 'User',
      objectId: person.id,
      after: { outcome: 'challenge', score: 70, signals: ['newDevice'] },
    });
    const admin = await app.signInAs('admin');
    const variables = { user: toGlobalId('User', person.id) };
    const seen = await app.graphql(RISKS, variables, { token: admin.accessToken });
    expect(seen.errors).to.deep.equal([]);
    expect(seen.data.riskSignals.nodes).to.deep.include({
      action: 'user.assessRisk',
      after: { outcome: 'challenge', score: 70, signals: ['newDevice'] },
    });
    const refused = await app.graphql(RISKS, variables, { token: person.accessToken });
    expect(refused.data.riskSignals ?? null).to.equal(null);
    expect(refused.errors[0]?.extensions?.['code']).to.equal('FORBIDDEN');
  });
});
