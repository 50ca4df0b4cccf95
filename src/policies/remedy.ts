import { WHOLE } from './catalog.js';
import type { Policy } from './rule.js';

/** Names the scopes that would let through what a token's scopes, or its client's ceiling, do not. */
export function remedyForScope(
  policy: Policy,
  leg: 'scope' | 'client',
  action: string,
  subject: string,
  field: string,
): string | null {
  const names = [...policy.scopes.values()]
    .filter((scope) =>
      scope.rules.some(
        (rule) =>
          rule.effect === 'allow' &&
          rule.subject === subject &&
          rule.actions.includes(action) &&
          (rule.fields.includes(field) || rule.fields.includes(WHOLE)),
      ),
    )
    .map((scope) => scope.name);
  if (names.length === 0) return null;
  return leg === 'scope'
    ? `missing scope ${names.join(' or ')}`
    : `the client may not use scope ${names.join(' or ')}`;
}
