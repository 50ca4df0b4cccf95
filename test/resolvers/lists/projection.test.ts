import { expect } from 'chai';
import { getNamedType, isLeafType, isObjectType } from 'graphql';
import { buildApi } from '../../../src/resolvers/api.js';
import { startApp, type TestApp } from '../../support/app.js';
import type { GraphQLFault } from '../../support/http.js';
import { mutate } from '../mutate.js';

const LISTS = {
  users: 'User',
  roles: 'Role',
  clients: 'Client',
  sessions: 'Session',
  auditEvents: 'AuditEvent',
};

/** What a refusal says; the id of its decision is another in each request. */
const refusal = ({ extensions: { decisionId: _id, ...said } }: GraphQLFault) => said;

describe('the projection of lists', () => {
  const { schema } = buildApi();
  let app: TestApp;
  before(async () => {
    app = await startApp();
    // Conditions on fields that nobody selects below.
    const token = await app.adminToken();
    const rule = { actions: ['read', 'list'], subject: 'User' };
    const { userErrors } = await mutate(
      app,
      'createRole',
      {
        name: 'clerk',
        rules: [
          { ...rule, id: 'see', fields: ['id', 'name'] },
          {
            ...rule,
            id: 'near',
            fields: ['email', 'status'],
            conditions: { nickname: 'sales' },
          },
          {
            ...rule,
            id: 'new',
            effect: 'DENY',
            actions: ['read'],
            fields: ['status'],
            conditions: { $or: [{ locale: 'en' }, { username: { $exists: true } }] },
          },
        ],
      },
      { token },
    );
    expect(userErrors).to.deep.equal([]);
    for (const [locale, department] of [
      ['en', 'sales'],
      ['fr', 'sales'],
      ['fr', 'support'],
    ]) {
      const { id } = await app.signUpAndConfirm({ locale });
      await app.deps.models.users.updateOne({ _id: id }, { $set: { nickname: department } });
    }
  });
  after(() => app.close());

  const selectionOf = (typeName: string, fieldName: string): string | null => {
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    const named = field && getNamedType(field.type);
    if (!field || !named) return null;
    if (isLeafType(named)) return fieldName;
    if (!isObjectType(named)) return `${fieldName} { id }`;
    const inner = Object.values(named.getFields()).find(({ type: of }) => isLeafType(getNamedType(of)));
    return inner ? `${fieldName} { ${inner.name} }` : `${fieldName} { totalCount }`;
  };

  for (const role of ['admin', 'clerk', 'user']) {
    it(`changes nothing about what ${role} is shown, field by field`, async () => {
      const { accessToken: token } = await app.signInAs(...(role === 'user' ? [] : [role]));
      let compared = 0;
      for (const [list, typeName] of Object.entries(LISTS)) {
        const type = schema.getType(typeName);
        for (const name of isObjectType(type) ? Object.keys(type.getFields()) : []) {
          const selection = selectionOf(typeName, name);
          const page = await app.graphql(
            `{ ${list}(first: 5) { edges { node { ...F } } nodes { id } } } fragment F on ${typeName} { value: ${selection} }`,
            {},
            { token },
          );
          if (!page.data?.[list]) continue;
          const ids = page.data[list].nodes.map(({ id }: { id: string }) => id);
          const whole = await app.graphql(
            `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ${typeName} { value: ${selection} } } }`,
            { ids },
            { token },
          );
          const shown = page.data[list].edges.map(({ node }: { node: object }) => node);
          expect(shown, `${typeName}.${name}`).to.deep.equal(whole.data.nodes);
          expect(page.errors.map(refusal)).to.deep.equal(whole.errors.map(refusal));
          compared += ids.length;
        }
      }
      expect(compared).to.be.greaterThan(role === 'admin' ? 200 : 0);
    }).timeout(60_000);
  }
});
