import { type FragmentDefinitionNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { Catalog } from '../../policies/catalog.js';
import type { Policy } from '../../policies/rule.js';
import type { NodeType } from '../../schema/globalId.js';

/** What of the executor's `info` tells which fields are asked for. */
export type Selecting = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** What the resolvers of fields without a stored path of their own read. A field that is missing here reads anything. */
const READS: Partial<Record<NodeType, Readonly<Record<string, readonly string[]>>>> = {
  User: { sessions: [], clients: [] },
  Session: { current: [], client: ['clientId'], refreshFamilies: [], refreshFamily: [] },
  PolicyVersion: {
    id: [],
    version: [],
    publisher: ['publishedBy'],
    current: [],
    roles: ['snapshot'],
    scopes: ['snapshot'],
    viewerCan: [],
  },
  AuditEvent: {
    actor: ['actorKind', 'actorId'],
    object: ['objectType', 'objectId'],
    erased: ['sealed'],
    ...Object.fromEntries(
      ['reason', 'before', 'after', 'address', 'userAgent'].map((name) => [name, [name, 'sealed']]),
    ),
  },
};

/**
 * The stored paths that a page of nodes needs: of the fields selected, of the order, and of every field that a
 * condition of the policy looks at, so that a node is judged as if it were whole. Null: it takes whole documents.
 */
export function projectionOf(
  info: Selecting,
  type: NodeType,
  orderPath: string,
  catalog: Catalog,
  policy: Policy,
): Record<string, 1> | null {
  const fields = catalog.subjects.get(type)?.fields;
  const paths = new Set(['_id', rootOf(orderPath), ...conditionPaths(policy, catalog, type)]);
  for (const name of selectedFields(info)) {
    const own = fields?.get(name)?.path;
    const reads = typeof own === 'string' ? [own] : READS[type]?.[name];
    if (!reads) return null;
    for (const path of reads) paths.add(rootOf(path));
  }
  return Object.fromEntries([...paths].map((path) => [path, 1 as const]));
}

const rootOf = (path: string) => path.split('.', 1)[0] ?? path;

/** The fields of the nodes: below `nodes` and below `edges { node }`. */
function selectedFields({ fieldNodes, fragments }: Selecting): Set<string> {
  const below = (sets: readonly SelectionSetNode[], name: string) =>
    sets.flatMap((set) =>
      fieldsOf(set, fragments).flatMap((field) =>
        field.name.value === name && field.selectionSet ? [field.selectionSet] : [],
      ),
    );
  const connections = fieldNodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
  const nodes = [...below(connections, 'nodes'), ...below(below(connections, 'edges'), 'node')];
  const names = nodes.flatMap((set) => fieldsOf(set, fragments).map(({ name }) => name.value));
  return new Set(names.filter((name) => name !== '__typename'));
}

/** The fields of a selection, fragments opened; one that a directive skips is there too. */
function fieldsOf(set: SelectionSetNode, fragments: Readonly<Record<string, FragmentDefinitionNode>>) {
  return set.selections.flatMap((selection): FieldNodes => {
    if (selection.kind === Kind.FIELD) return [selection];
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragments[selection.name.value]?.selectionSet;
    return inner ? fieldsOf(inner, fragments) : [];
  });
}

type FieldNodes = GraphQLResolveInfo['fieldNodes'][number][];

const known = new WeakMap<Policy, Map<NodeType, ReadonlySet<string>>>();

/** The stored paths that conditions on a type look at, in any role or scope of the policy. */
function conditionPaths(policy: Policy, catalog: Catalog, type: NodeType): ReadonlySet<string> {
  const byType = known.get(policy) ?? new Map<NodeType, ReadonlySet<string>>();
  known.set(policy, byType);
  const found = byType.get(type);
  if (found) return found;
  const holders = [...policy.roles.values(), ...policy.scopes.values()];
  const rules = holders.flatMap((holder) => holder.rules).filter((rule) => rule.subject === type);
  const names = rules.flatMap((rule) => fieldNames(rule.conditions ?? {}));
  const fields = catalog.subjects.get(type)?.fields;
  const paths = new Set(names.map((name) => rootOf(fields?.get(rootOf(name))?.path ?? name)));
  byType.set(type, paths);
  return paths;
}

/** The fields that a condition names, at any depth; too many rather than too few. */
function fieldNames(condition: unknown): string[] {
  if (Array.isArray(condition)) return condition.flatMap(fieldNames);
  if (condition === null || typeof condition !== 'object') return [];
  return Object.entries(condition).flatMap(([key, value]) =>
    key.startsWith('$') ? fieldNames(value) : [key, ...fieldNames(value)],
  );
}
