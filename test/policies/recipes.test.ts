import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { createAccess } from '../../src/policies/access.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import { BUILT_IN_SCOPES } from '../../src/policies/builtInScopes.js';
import type { Access } from '../../src/policies/decision.js';
import { ANONYMOUS, type Principal } from '../../src/policies/principal.js';
import type { ScopeDefinition } from '../../src/policies/rule.js';
import { validateRoles, validateScopes } from '../../src/policies/validate.js';
import { REAL_CATALOG } from './realCatalog.js';
import { NOW, policyOf } from './universe.js';

const TEXT = readFileSync('docs/policies.md', 'utf8');
const blocks = [...TEXT.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) =>
  configSchema.parse(parse(yaml)),
);
const roles = [
  ...BUILT_IN_ROLES,
  ...blocks.flatMap((config) => config.roles.map((role) => ({ ...role, builtIn: false }))),
];
const scopes = [...BUILT_IN_SCOPES, ...blocks.flatMap((config) => config.scopes as ScopeDefinition[])];

function accessOf(role: string, over: Partial<Principal> = {}): Access {
  const principal = { ...ANONYMOUS, kind: 'user' as const, id: 'me', roles: [role], ...over };
  return createAccess(policyOf(roles, scopes), REAL_CATALOG, principal, NOW);
}

const session = (acr: string, ageSeconds: number) => ({
  id: 's',
  acr,
  amr: [],
  authTimeSeconds: NOW.getTime() / 1000 - ageSeconds,
});

describe('the ten documented policies', () => {
  it('can be configured as they stand', () => {
    expect(blocks).to.have.length(10);
    expect(validateRoles(REAL_CATALOG, roles)).to.deep.equal([]);
    expect(validateScopes(REAL_CATALOG, scopes)).to.deep.equal([]);
  });

  it('support sees e-mail addresses of the own locales only', () => {
    const support = accessOf('support', { attributes: { locales: ['de', 'fr'] } });
    const person = { _id: 'p', status: 'active', locale: 'de' };
    expect(support.decide('read', 'User', person, 'email').allowed).to.equal(true);
    expect(support.decide('read', 'User', { ...person, locale: 'en' }, 'email').allowed).to.equal(false);
    expect(support.decide('read', 'User', { ...person, status: 'locked' }, 'email').allowed).to.equal(false);
    expect(support.decide('read', 'User', { ...person, locale: 'en' }, 'name').allowed).to.equal(true);
    expect(accessOf('support').decide('read', 'User', person, 'email').allowed).to.equal(false);
  });

  it('human resources edit names, not roles, and of nobody who is locked', () => {
    const hr = accessOf('hr');
    const active = { _id: 'p', status: 'active' };
    expect(hr.refusedFields('update', 'User', active, active, ['name', 'familyName']).size).to.equal(0);
    expect(hr.refusedFields('update', 'User', active, active, ['roles']).size).to.equal(1);
    expect(hr.decide('setRoles', 'User', active, '*').allowed).to.equal(false);
    const locked = { _id: 'p', status: 'locked' };
    expect(hr.decide('update', 'User', locked, 'name').remedy).to.equal(
      'locked accounts are under investigation',
    );
  });

  it('phone numbers take two factors within ten minutes', () => {
    const code = (over: Partial<Principal>) =>
      accessOf('careful-auditor', over).decide('read', 'User', { _id: 'p' }, 'phone').code;
    expect(code({ session: session('aal1', 0) })).to.equal('STEP_UP_REQUIRED');
    expect(code({ session: session('aal2', 601) })).to.equal('STEP_UP_REQUIRED');
    expect(code({ session: session('phr', 600) })).to.equal('ALLOWED');
  });

  it('a partner writes attributes and sees nothing', () => {
    const partner = accessOf('partner-sync', { kind: 'client' });
    expect(partner.refusedFields('update', 'User', { _id: 'p' }, { _id: 'p' }, ['attributes']).size).to.equal(
      0,
    );
    expect(partner.decide('read', 'User', { _id: 'p' }, 'attributes').allowed).to.equal(false);
    expect(partner.mayEver('list', 'User')).to.equal(false);
  });

  it('a scope shows one field', () => {
    const token = { jti: 'j', clientId: 'c', scopes: ['profile:locale'], audience: [] };
    const app = accessOf('user', { token });
    expect(app.decide('read', 'User', { _id: 'me' }, 'locale').allowed).to.equal(true);
    expect(app.decide('read', 'User', { _id: 'me' }, 'name').allowed).to.equal(false);
  });

  it('an auditor from outside reads all but contacts, and writes nothing', () => {
    const auditor = accessOf('external-auditor');
    const may = (field: string) => auditor.decide('read', 'User', { _id: 'p' }, field);
    for (const field of ['email', 'phone', 'address', 'attributes']) {
      expect(may(field).allowed, field).to.equal(false);
      expect(may(field).remedy).to.equal('contacts stay in the house');
    }
    for (const field of ['name', 'status', 'lastSignInAt']) expect(may(field).allowed, field).to.equal(true);
    expect(auditor.decide('read', 'AuditEvent', { _id: 'e' }, 'after').allowed).to.equal(true);
    for (const action of ['update', 'lock', 'delete'])
      expect(auditor.mayEver(action, 'User')).to.equal(false);
    for (const { fields } of REAL_CATALOG.subjects.values()) {
      for (const secret of ['password', 'passwordHash', 'secret', 'secretHash']) {
        expect(fields.get(secret)?.readable ?? false, secret).to.equal(false);
      }
    }
  });

  it('a keeper of apps renews the own ones and deletes none', () => {
    const keeper = accessOf('app-keeper');
    const own = { _id: 'c', ownerId: 'me' };
    const foreign = { _id: 'd', ownerId: 'other' };
    expect(keeper.decide('rotateSecret', 'Client', own, '*').allowed).to.equal(true);
    expect(keeper.decide('rotateSecret', 'Client', foreign, '*').allowed).to.equal(false);
    expect(keeper.decide('delete', 'Client', own, '*').allowed).to.equal(false);
    expect(keeper.refusedFields('update', 'Client', own, own, ['name', 'redirectUris']).size).to.equal(0);
    expect(keeper.refusedFields('update', 'Client', own, own, ['scopes']).size).to.equal(1);
    expect(keeper.filter('list', 'Client')).to.deep.equal({ ownerId: { $eq: 'me' } });
    // Nobody gives an app away, for then the change would end outside the own ones.
    expect(keeper.refusedFields('update', 'Client', own, foreign, ['name']).size).to.equal(1);
  });

  it('a team lead locks accounts, but no administrator', () => {
    const lead = accessOf('team-lead');
    const held = (...names: string[]) => ({ _id: 'p', roleAssignments: names.map((role) => ({ role })) });
    expect(lead.decide('lock', 'User', held('user'), '*').allowed).to.equal(true);
    expect(lead.decide('lock', 'User', held('user', 'admin'), '*').remedy).to.equal(
      'administrators are locked by administrators',
    );
    expect(lead.decide('unlock', 'User', held('admin'), '*').allowed).to.equal(false);
  });

  it('the help desk ends sessions after a fresh sign-in', () => {
    const code = (ageSeconds: number) =>
      accessOf('help-desk', { session: session('aal1', ageSeconds) }).decide(
        'revoke',
        'Session',
        { _id: 's' },
        '*',
      ).code;
    expect(code(300)).to.equal('ALLOWED');
    expect(code(301)).to.equal('STEP_UP_REQUIRED');
  });

  it('the data protection officer sees who leaves and deletes who is due', () => {
    const officer = accessOf('data-protection');
    const leaving = (seconds: number) => ({
      _id: 'p',
      deletionScheduledAt: new Date(NOW.getTime() + seconds * 1000),
    });
    expect(officer.decide('read', 'User', leaving(60), 'email').allowed).to.equal(true);
    expect(officer.decide('read', 'User', { _id: 'p' }, 'email').allowed).to.equal(false);
    expect(officer.decide('export', 'User', leaving(60), '*').allowed).to.equal(true);
    expect(officer.decide('delete', 'User', leaving(60), '*').allowed).to.equal(false);
    expect(officer.decide('delete', 'User', leaving(0), '*').allowed).to.equal(true);
  });
});
