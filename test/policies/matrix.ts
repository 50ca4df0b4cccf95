import { createAccess } from '../../src/policies/access.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import { WHOLE } from '../../src/policies/catalog.js';
import type { Access } from '../../src/policies/decision.js';
import { ANONYMOUS } from '../../src/policies/principal.js';
import { REAL_CATALOG } from './realCatalog.js';
import { NOW, policyOf } from './universe.js';

const OF_FIELDS: readonly string[] = ['read', 'list', 'create', 'update'];

/** For each type, an object that belongs to the principal `me`, and one that does not. */
export const OBJECTS: Readonly<Record<string, (role: string) => { own: object; foreign: object }>> = {
  User: () => ({ own: { _id: 'me' }, foreign: { _id: 'other' } }),
  Session: () => ({ own: { _id: 's', userId: 'me' }, foreign: { _id: 's', userId: 'other' } }),
  RefreshFamily: () => ({ own: { _id: 'f', userId: 'me' }, foreign: { _id: 'f', userId: 'other' } }),
  Client: () => ({ own: { _id: 'c', ownerId: 'me' }, foreign: { _id: 'c', ownerId: 'other' } }),
  AuditEvent: () => ({ own: { _id: 'e', actorId: 'me' }, foreign: { _id: 'e', actorId: 'other' } }),
  Role: (role) => ({ own: { _id: role }, foreign: { _id: 'another' } }),
};

/**
 * Who may do what to which field: a line for each role, type and field with a right, `own` for the own objects,
 * `any` for all. `*` stands for the act as a whole. A change of the policy is a change of lines.
 */
export function renderMatrix(): string {
  const policy = policyOf(BUILT_IN_ROLES);
  const names = ['(nobody)', ...policy.roles.keys()];
  const lines = names.flatMap((name) => {
    const principal =
      name === '(nobody)' ? ANONYMOUS : { ...ANONYMOUS, kind: 'user' as const, id: 'me', roles: [name] };
    const access = createAccess(policy, REAL_CATALOG, principal, NOW);
    return linesOf(access, name);
  });
  return `${lines.join('\n')}\n`;
}

function linesOf(access: Access, role: string): string[] {
  return [...REAL_CATALOG.subjects].sort(byName).flatMap(([subject, { actions, fields }]) => {
    const objects = OBJECTS[subject]?.(role);
    if (objects === undefined) throw new Error(`no objects of type ${subject} to try`);
    return [WHOLE, ...[...fields.keys()].sort()].flatMap((field) => {
      const rights = [...actions].flatMap((action) => {
        // An act is one thing, whatever field it is asked for.
        if (field !== WHOLE && !OF_FIELDS.includes(action)) return [];
        const extent = extentOf(access, action, subject, field, objects);
        return extent === null ? [] : [`${action} ${extent}`];
      });
      return rights.length === 0 ? [] : [`${role} ${subject}.${field}: ${rights.join(', ')}`];
    });
  });
}

function extentOf(
  access: Access,
  action: string,
  subject: string,
  field: string,
  { own, foreign }: { own: object; foreign: object },
): string | null {
  const mayForeign = access.decide(action, subject, foreign, field).allowed;
  const mayOwn = access.decide(action, subject, own, field).allowed;
  if (mayOwn && mayForeign) return 'any';
  if (mayOwn) return 'own';
  return mayForeign ? 'foreign' : null;
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
