import type { RoleDefinition } from './rule.js';

/**
 * The roles named and all that they inherit, each once, the inheriting before the inherited. Names that do not
 * exist give nothing, and a cycle ends where it closes (`findInheritanceCycle` refuses it when it is saved).
 */
export function resolveRoles(
  roles: ReadonlyMap<string, RoleDefinition>,
  names: readonly string[],
): readonly RoleDefinition[] {
  const resolved = new Map<string, RoleDefinition>();
  const waiting = [...names];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const role = roles.get(name);
    if (role === undefined || resolved.has(name)) continue;
    resolved.set(name, role);
    waiting.push(...role.inherits);
  }
  return [...resolved.values()];
}

/** The names along a cycle that starts and ends at the role; null where there is none. */
export function findInheritanceCycle(
  roles: ReadonlyMap<string, RoleDefinition>,
  name: string,
): readonly string[] | null {
  const seen = new Set<string>();
  const trails: string[][] = [[name]];
  for (let trail = trails.shift(); trail !== undefined; trail = trails.shift()) {
    const last = trail.at(-1) ?? name;
    for (const parent of roles.get(last)?.inherits ?? []) {
      if (parent === name) return [...trail, parent];
      if (seen.has(parent)) continue;
      seen.add(parent);
      trails.push([...trail, parent]);
    }
  }
  return null;
}
