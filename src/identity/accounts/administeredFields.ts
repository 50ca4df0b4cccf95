import { AppError } from '../../errors.js';
import type { RoleAssignment, User } from '../../models/user.js';
import type { Deps } from '../deps.js';

const MAX_ATTRIBUTES = 100;
const MAX_TEXT = 1000;
const MAX_ROLES = 100;
/** Conditions name attributes in placeholders: no dots, no `$`, nothing that an object has by nature. */
const ATTRIBUTE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

function fault(path: readonly string[], publicMessage: string): AppError {
  return new AppError('BAD_USER_INPUT', `${path.join('.')} refused: ${publicMessage}`, {
    path,
    publicMessage,
  });
}

function isAttributeValue(value: unknown): value is string | number | boolean | string[] {
  if (typeof value === 'string') return value.length <= MAX_TEXT;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean') return true;
  return (
    Array.isArray(value) &&
    value.length <= MAX_ATTRIBUTES &&
    value.every((item) => typeof item === 'string' && item.length <= MAX_TEXT)
  );
}

/** @throws AppError BAD_USER_INPUT with the path of the attribute */
export function validAttributes(attributes: Record<string, unknown>): User['attributes'] {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) throw fault(['attributes'], `At most ${MAX_ATTRIBUTES} attributes.`);
  const valid: User['attributes'] = {};
  for (const [name, value] of entries) {
    if (!ATTRIBUTE_NAME.test(name)) throw fault(['attributes', name], 'This is no attribute name.');
    if (!isAttributeValue(value)) {
      throw fault(['attributes', name], 'An attribute is a text, a number, a flag or a list of texts.');
    }
    valid[name] = value;
  }
  return valid;
}

/**
 * Role assignments of which every role exists in the policy in force, each once, with limits in their order.
 * @throws AppError BAD_USER_INPUT with the path
 */
export function validRoles(deps: Pick<Deps, 'policy'>, roles: readonly RoleAssignment[]): RoleAssignment[] {
  if (roles.length > MAX_ROLES) throw fault(['roles'], `At most ${MAX_ROLES} roles.`);
  const known = deps.policy.current().roles;
  const seen = new Set<string>();
  return roles.map(({ role, validFrom, validUntil }, index) => {
    const path = ['roles', String(index)];
    if (!known.has(role)) throw fault([...path, 'role'], 'There is no such role.');
    if (seen.has(role)) throw fault([...path, 'role'], 'The role stands here twice.');
    seen.add(role);
    if (validFrom && validUntil && validFrom >= validUntil) {
      throw fault([...path, 'validUntil'], 'The end must come after the beginning.');
    }
    return { role, ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}) };
  });
}
