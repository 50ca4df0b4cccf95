import type { GraphQLSchema } from 'graphql';
import { BUILT_IN_ROLES } from '../../policies/builtInRoles.js';
import type { Catalog } from '../../policies/catalog.js';
import type { RoleDefinition } from '../../policies/rule.js';
import { catalogOf } from './catalogOf.js';
import { uncoveredPlaces } from './coverage.js';
import { describePermissions } from './describePermissions.js';
import { type AnyField, dataTypes, rootTypes } from './marks.js';
import { wrapField } from './wrapField.js';

const guardedSchemas = new WeakMap<GraphQLSchema, Catalog>();

/**
 * Puts the guard around every field of an executable schema, in place, once, writes into each description what the
 * field takes, and returns what rules may name.
 * `roles` are those whose rules must reach every field and act; the built-in ones.
 * @throws Error that lists every type, field and argument that carries no mark, or one that cannot hold
 */
export function guardSchema(
  schema: GraphQLSchema,
  roles: readonly RoleDefinition[] = BUILT_IN_ROLES,
): { schema: GraphQLSchema; catalog: Catalog } {
  const known = guardedSchemas.get(schema);
  if (known !== undefined) return { schema, catalog: known };
  const catalog = catalogOf(schema);
  const faults = uncoveredPlaces(schema, catalog, roles);
  if (faults.length > 0) {
    throw new Error(
      `The policy does not cover the schema:\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
    );
  }
  const roots = rootTypes(schema);
  for (const type of [...roots, ...dataTypes(schema)]) {
    for (const field of Object.values(type.getFields())) {
      wrapField({ schema, catalog, type, field: field as AnyField, isRoot: roots.includes(type) });
    }
  }
  describePermissions(schema, roles);
  guardedSchemas.set(schema, catalog);
  return { schema, catalog };
}
