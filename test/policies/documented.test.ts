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

describe('the documented policies', () => {
  it('can be configured as they stand', () => {
    expect(blocks).to.have.length(5);
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
});
