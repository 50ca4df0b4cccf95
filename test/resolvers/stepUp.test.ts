import { expect } from 'chai';
import type { Rule } from '../../src/policies/rule.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';

const rules: Rule[] = [
  {
    id: 'freshPhone',
    effect: 'deny',
    actions: ['read'],
    subject: 'User',
    fields: ['phone'],
    requires: { maxAgeSeconds: 300 },
  },
  {
    id: 'strongLocale',
    effect: 'deny',
    actions: ['update'],
    subject: 'User',
    fields: ['locale'],
    requires: { acr: 'aal2' },
  },
  {
    id: 'freshRevoke',
    effect: 'deny',
    actions: ['revokeSessions'],
    subject: 'User',
    fields: ['*'],
    requires: { maxAgeSeconds: 300 },
  },
];
const UPDATE = `mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { user { name } userErrors { code } } }`;

describe('step-up', () => {
  let app: TestApp;
  let person: Person & Tokens;
  before(async () => {
    app = await startApp();
    await app.deps.policy.publish(
      ({ roles, scopes }) => ({
        roles: [
          ...roles.values(),
          { name: 'careful', description: '', inherits: ['user'], rules, builtIn: false },
        ],
        scopes: [...scopes.values()],
      }),
      { kind: 'system' },
      'test',
    );
    person = await app.signInAs('careful');
  });
  after(() => app.close());

  it('is asked for by path, with the values of RFC 9470, and lifted by a fresh sign-in', async () => {
    const document = '{ viewer { email phone } }';
    expect((await app.graphql(document, {}, { token: person.accessToken })).errors).to.deep.equal([]);

    app.clock.advance(301);
    const refused = await app.graphql(document, {}, { token: person.accessToken });
    expect(refused.data.viewer).to.deep.equal({ email: person.email, phone: null });
    expect(refused.errors.map(({ path }) => path)).to.deep.equal([['viewer', 'phone']]);
    expect(refused.errors[0]?.extensions).to.deep.include({
      code: 'STEP_UP_REQUIRED',
      max_age: 300,
      authorizeUrl: `${app.config.issuer}/oauth/authorize?max_age=300`,
      remedy: 'needs a sign-in within 300 seconds',
    });
    expect(refused.errors[0]?.extensions).not.to.have.property('acr_values');

    const { accessToken } = await app.signIn(person);
    const again = await app.graphql('{ viewer { phone } }', {}, { token: accessToken });
    expect(again.errors).to.deep.equal([]);
  });

  it('is asked for of one field of a mutation, which then changes nothing', async () => {
    const token = person.accessToken;
    const input = { name: 'Ann', locale: 'de' };
    const { errors, data } = await app.graphql(UPDATE, { input }, { token });
    expect(data.updateProfile).to.equal(null);
    expect(errors[0]?.extensions).to.deep.include({
      code: 'STEP_UP_REQUIRED',
      argument: ['input', 'locale'],
      acr_values: 'aal2',
      authorizeUrl: `${app.config.issuer}/oauth/authorize?acr_values=aal2`,
    });
    const alone = await app.graphql(UPDATE, { input: { name: 'Ann' } }, { token });
    expect(alone.data.updateProfile).to.deep.equal({ user: { name: 'Ann' }, userErrors: [] });
  });

  it('is asked for of a whole mutation, and lifted by a fresh sign-in', async () => {
    const document = `mutation { revokeOtherSessions { userErrors { code } } }`;
    app.clock.advance(301);
    const stale = await app.signIn(person);
    app.clock.advance(301);
    const refused = await app.graphql(document, {}, { token: stale.accessToken });
    expect(refused.errors[0]?.extensions).to.include({ code: 'STEP_UP_REQUIRED', max_age: 300 });
    const { accessToken } = await app.signIn(person);
    expect((await app.graphql(document, {}, { token: accessToken })).errors).to.deep.equal([]);
  });
});
