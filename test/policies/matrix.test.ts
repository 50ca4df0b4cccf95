import { expect } from 'chai';
import { createAccess } from '../../src/policies/access.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import { WHOLE } from '../../src/policies/catalog.js';
import { rightsOf } from '../../src/policies/coverage.js';
import { ANONYMOUS } from '../../src/policies/principal.js';
import { OBJECTS } from './matrix.js';
import { REAL_CATALOG } from './realCatalog.js';
import { NOW, policyOf } from './universe.js';

const POLICY = policyOf(BUILT_IN_ROLES);
const OF_FIELDS = ['read', 'create', 'update'];
const RIGHTS = new Map(
  rightsOf(POLICY, REAL_CATALOG).map(({ name, action, subject, field, extent }) => [
    `${name} ${action} ${subject}.${field}`,
    extent === '' ? 'any' : 'own',
  ]),
);

/** Of which objects the judge allows it: asked, not read from the rules. */
function decided(role: string, action: string, subject: string, field: string): string | undefined {
  const objects = OBJECTS[subject]?.(role);
  if (objects === undefined) throw new Error(`no objects of type ${subject} to try`);
  const access = createAccess(
    POLICY,
    REAL_CATALOG,
    { ...ANONYMOUS, kind: 'user', id: 'me', roles: [role] },
    NOW,
  );
  const own = access.decide(action, subject, objects.own, field).allowed;
  if (access.decide(action, subject, objects.foreign, field).allowed) return own ? 'any' : 'foreign';
  return own ? 'own' : undefined;
}

describe('the matrix of roles, types, fields, actions and ownership', () => {
  for (const role of POLICY.roles.keys()) {
    it(`is for ${role} what the committed coverage says`, () => {
      for (const [subject, { actions, fields }] of REAL_CATALOG.subjects) {
        for (const field of [WHOLE, ...fields.keys()]) {
          for (const action of actions) {
            const isAct = action !== 'list' && !OF_FIELDS.includes(action);
            if (isAct !== (field === WHOLE) || (action === 'list' && field !== 'id')) continue;
            const right = `${role} ${action} ${subject}.${field}`;
            expect(decided(role, action, subject, field), right).to.equal(RIGHTS.get(right));
          }
        }
      }
    });
  }
});
