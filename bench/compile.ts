/**
 * What it takes to compile the rights of a principal with 50 roles of 40 conditional rules that all concern one field,
 * the first decision included, in processor time. Run: npm run build && node dist/bench/compile.js. Exits with 1 over 5 ms.
 */
import { createAccess } from '../src/policies/access.js';
import type { Catalog } from '../src/policies/catalog.js';
import { ANONYMOUS } from '../src/policies/principal.js';
import type { Policy, RoleDefinition } from '../src/policies/rule.js';

const LIMIT_MILLISECONDS = 5;
const ROUNDS = 200;

const field = (kind: 'string' | 'number') => ({ path: 'age', kind, items: null }) as const;
const catalog: Catalog = {
  subjects: new Map([
    [
      'Thing',
      {
        fields: new Map([
          ['id', { ...field('string'), path: '_id' }],
          ['age', field('number')],
        ]),
        actions: new Set(['read', 'update']),
      },
    ],
  ]),
} as unknown as Catalog;

const roles: RoleDefinition[] = Array.from({ length: 50 }, (_, at) => ({
  name: `role${at}`,
  description: '',
  inherits: [],
  builtIn: false,
  rules: Array.from({ length: 40 }, (_rule, index) => ({
    id: `r${index}`,
    effect: 'allow' as const,
    actions: ['read', 'update'],
    subject: 'Thing',
    fields: ['id', 'age'],
    conditions: { age: { $gt: 1000 + index } },
  })),
}));
const principal = { ...ANONYMOUS, kind: 'user' as const, id: 'u', roles: roles.map(({ name }) => name) };

/** No rule matches, so that each has to be read and tried. */
function once(): number {
  const policy: Policy = {
    version: 1,
    roles: new Map(roles.map((role) => [role.name, role])),
    scopes: new Map(),
  };
  const start = process.cpuUsage();
  createAccess(policy, catalog, principal, new Date()).decide('read', 'Thing', { _id: 'x', age: 1 }, 'age');
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const times = Array.from({ length: ROUNDS }, once);
const sorted = times.toSorted((a, b) => a - b);
const median = sorted[ROUNDS / 2] ?? Number.NaN;
console.log(
  `2,000 conditional rules on one field, compiled and decided: first ${times[0]?.toFixed(1)} ms, ` +
    `median ${median.toFixed(1)} ms, best ${sorted[0]?.toFixed(1)} ms (limit ${LIMIT_MILLISECONDS} ms)`,
);
if (median > LIMIT_MILLISECONDS) process.exitCode = 1;
