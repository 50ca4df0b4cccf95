import { expect } from 'chai';
import { createAccess } from '../../src/policies/access.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import { BUILT_IN_SCOPES } from '../../src/policies/builtInScopes.js';
import { WHOLE } from '../../src/policies/catalog.js';
import type { Access } from '../../src/policies/decision.js';
import { ANONYMOUS } from '../../src/policies/principal.js';
import { resolveRoles } from '../../src/policies/roles.js';
import type { Policy } from '../../src/policies/rule.js';
import { validateRoles, validateScopes } from '../../src/policies/validate.js';
import { OBJECTS } from './matrix.js';
import { REAL_CATALOG } from './realCatalog.js';
import { NOW, policyOf } from './universe.js';

const POLICY: Policy = policyOf(BUILT_IN_ROLES, BUILT_IN_SCOPES);
const ALL_SCOPES = BUILT_IN_SCOPES.map(({ name }) => name);

function accessOf(roles: string[], scopes: string[] | null = null): Access {
  const token = scopes && { jti: 'j', clientId: 'c', scopes, audience: [] };
  return createAccess(POLICY, REAL_CATALOG, { ...ANONYMOUS, kind: 'user', id: 'me', roles, token }, NOW);
}

const ME = { _id: 'me' };
const OTHER = { _id: 'other' };
const may = (access: Access, action: string, subject: string, object: object, field: string) =>
  access.decide(action, subject, object, field).allowed;

/** Every (action, subject, field) that there is. */
const RIGHTS = [...REAL_CATALOG.subjects].flatMap(([subject, { actions, fields }]) =>
  [...actions].flatMap((action) => [WHOLE, ...fields.keys()].map((field) => ({ action, subject, field }))),
);

describe('the built-in roles and scopes', () => {
  it('name only what the schema has', () => {
    expect(validateRoles(REAL_CATALOG, BUILT_IN_ROLES)).to.deep.equal([]);
    expect(validateScopes(REAL_CATALOG, BUILT_IN_SCOPES)).to.deep.equal([]);
  });

  it('list their fields: `*` stands only for acts that have none', () => {
    for (const rule of [...BUILT_IN_ROLES, ...BUILT_IN_SCOPES].flatMap(({ rules }) => rules)) {
      expect(new Set(rule.fields).size, rule.id).to.equal(rule.fields.length);
      if (!rule.fields.includes(WHOLE)) continue;
      expect(rule.fields, rule.id).to.deep.equal([WHOLE]);
      expect(rule.actions, rule.id).not.to.include.members(['read']);
      for (const action of ['read', 'list', 'create', 'update']) expect(rule.actions).not.to.include(action);
    }
  });

  it('let an administrator hand on every role, also with a token of all scopes', () => {
    for (const access of [accessOf(['admin']), accessOf(['admin'], ALL_SCOPES)]) {
      for (const { name } of BUILT_IN_ROLES) {
        const rules = resolveRoles(POLICY.roles, [name]).flatMap((role) => role.rules);
        expect(access.firstUncovered(rules), name).to.equal(null);
      }
    }
  });

  it('let nobody else hand on the rights of an administrator', () => {
    const rules = resolveRoles(POLICY.roles, ['admin']).flatMap((role) => role.rules);
    for (const name of ['moderator', 'user', 'developer', 'auditor']) {
      expect(accessOf([name]).firstUncovered(rules), name).not.to.equal(null);
    }
  });

  it('leave no field of any type that an administrator cannot read', () => {
    for (const [subject, { fields }] of REAL_CATALOG.subjects) {
      for (const [field, { readable }] of fields) {
        if (readable)
          expect(may(accessOf(['admin']), 'read', subject, OTHER, field), `${subject}.${field}`).to.equal(
            true,
          );
      }
    }
  });

  it('give nothing to nobody, with or without scopes', () => {
    const nobody = createAccess(POLICY, REAL_CATALOG, ANONYMOUS, NOW);
    const scoped = accessOf([], ALL_SCOPES);
    for (const { action, subject, field } of RIGHTS) {
      expect(nobody.mayEver(action, subject, field)).to.equal(false);
      expect(scoped.mayEver(action, subject, field)).to.equal(false);
    }
  });

  it('let an auditor read everything and write nothing', () => {
    const auditor = accessOf(['auditor']);
    for (const { action, subject, field } of RIGHTS) {
      const reads = action === 'read' || action === 'list';
      const readable = REAL_CATALOG.subjects.get(subject)?.fields.get(field)?.readable === true;
      expect(auditor.mayEver(action, subject, field), `${action} ${subject}.${field}`).to.equal(
        (reads && readable) || action === 'explain',
      );
    }
  });

  it('let a moderator see who people are, not how to reach them by phone, and lock them', () => {
    const moderator = accessOf(['moderator']);
    for (const field of ['id', 'name', 'username', 'status', 'email']) {
      expect(may(moderator, 'read', 'User', OTHER, field), field).to.equal(true);
    }
    for (const field of ['phone', 'attributes', 'address', 'birthdate', 'roleAssignments']) {
      expect(may(moderator, 'read', 'User', OTHER, field), field).to.equal(false);
    }
    expect(may(moderator, 'lock', 'User', OTHER, WHOLE)).to.equal(true);
    expect(moderator.mayEver('update', 'User')).to.equal(false);
    expect(moderator.mayEver('setRoles', 'User')).to.equal(false);
  });

  it('let a user manage the own account and see no other', () => {
    const user = accessOf(['user']);
    expect(may(user, 'read', 'User', ME, 'email')).to.equal(true);
    expect(may(user, 'update', 'User', ME, 'name')).to.equal(true);
    expect(may(user, 'changePassword', 'User', ME, WHOLE)).to.equal(true);
    expect(may(user, 'read', 'User', OTHER, 'id')).to.equal(false);
    expect(user.filter('read', 'User')).to.deep.equal({ _id: { $eq: 'me' } });
    expect(user.filter('list', 'Session')).to.deep.equal({ userId: { $eq: 'me' } });
    for (const field of ['roles', 'attributes', 'status', 'email', 'emailVerified', 'mustChangePassword']) {
      expect(may(user, 'update', 'User', ME, field), field).to.equal(false);
    }
    expect(may(user, 'lock', 'User', ME, WHOLE)).to.equal(false);
    expect(may(user, 'setRoles', 'User', ME, WHOLE)).to.equal(false);
  });

  it('let a developer manage the own apps, without trust, rights or other owners', () => {
    const developer = accessOf(['developer']);
    const own = { _id: 'c1', ownerId: 'me' };
    const foreign = { _id: 'c2', ownerId: 'other' };
    const installed = { _id: 'c3' };
    for (const action of ['delete', 'rotateSecret', 'revokeTokens']) {
      expect(may(developer, action, 'Client', own, WHOLE), action).to.equal(true);
      expect(may(developer, action, 'Client', foreign, WHOLE), action).to.equal(false);
      expect(may(developer, action, 'Client', installed, WHOLE), action).to.equal(false);
    }
    expect(may(developer, 'read', 'Client', foreign, 'id')).to.equal(false);
    for (const field of ['firstParty', 'roles', 'owner', 'status', 'accessTokenTtlSeconds']) {
      expect(developer.refusedFields('update', 'Client', own, own, [field]).size, field).to.equal(1);
      expect(developer.refusedFields('create', 'Client', null, {}, [field]).size, field).to.equal(1);
    }
    expect(
      developer.refusedFields('create', 'Client', null, {}, ['name', 'redirectUris', 'scopes']).size,
    ).to.equal(0);
  });

  it('let a scope narrow per field', () => {
    const email = accessOf(['user'], ['openid', 'email']);
    expect(may(email, 'read', 'User', ME, 'email')).to.equal(true);
    expect(email.decide('read', 'User', ME, 'phone').remedy).to.equal(
      'missing scope phone or account or users:read',
    );
    expect(email.mayEver('update', 'User')).to.equal(false);
    const write = accessOf(['admin'], ['users:write']);
    expect(may(write, 'lock', 'User', OTHER, WHOLE)).to.equal(true);
    expect(may(write, 'read', 'User', OTHER, 'email')).to.equal(false);
    expect(accessOf(['admin'], ['offline_access']).mayEver('read', 'User')).to.equal(false);
  });

  it('lose nothing of an account to the scope `account`', () => {
    const bare = accessOf(['developer']);
    const scoped = accessOf(['developer'], ['account']);
    for (const { action, subject, field } of RIGHTS) {
      for (const object of Object.values(OBJECTS[subject]?.('developer') ?? {})) {
        const expected = may(bare, action, subject, object, field);
        expect(may(scoped, action, subject, object, field), `${action} ${subject}.${field}`).to.equal(
          expected,
        );
      }
      expect(scoped.mayEver(action, subject, field)).to.equal(bare.mayEver(action, subject, field));
    }
  });

  it('lose nothing of an administrator to all scopes', () => {
    const bare = accessOf(['admin']);
    const scoped = accessOf(['admin'], ALL_SCOPES);
    for (const { action, subject, field } of RIGHTS) {
      expect(scoped.filter(action, subject, field), `${action} ${subject}.${field}`).to.deep.equal(
        bare.filter(action, subject, field),
      );
    }
  });
});
