import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { DEFAULT_PAGE_SIZE } from '../lists/paging.js';

export type Variables = Readonly<Record<string, unknown>>;

/** What a document asks for. `cost` is the most fields that the answer could hold, given the page sizes. */
export interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly cost: (variables: Variables) => number;
}

type Cost = (variables: Variables) => number;

interface Part {
  readonly depth: number;
  readonly cost: Cost;
}

const CONSTANT_ZERO: Cost = () => 0;

/** Asked again with the same variables it only looks: else fragments that spread each other twice cost 2 to the n. */
function remembered(cost: Cost): Cost {
  const answers = new WeakMap<Variables, number>();
  return (variables) => {
    const answer = answers.get(variables) ?? cost(variables);
    answers.set(variables, answer);
    return answer;
  };
}

/**
 * Measures one operation of a document that has passed validation (so its fragments are not cyclic). Each fragment is
 * measured once. Introspection counts nothing here: it is switched off where it must not be asked.
 */
export function measure(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Part>();

  const measureFragment = (name: string): Part => {
    const known = measured.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    const { depth, cost } =
      fragment && isCompositeType(type)
        ? measureSelections(fragment.selectionSet, type)
        : { depth: 0, cost: CONSTANT_ZERO };
    const part = { depth, cost: remembered(cost) };
    measured.set(name, part);
    return part;
  };

  const measureField = (field: FieldNode, parent: GraphQLCompositeType): Part => {
    const name = field.name.value;
    if (name.startsWith('__')) return { depth: 1, cost: CONSTANT_ZERO };
    const definition =
      isAbstractType(parent) && !('getFields' in parent) ? undefined : parent.getFields()[name];
    const type = definition && getNamedType(definition.type);
    if (!field.selectionSet || !isCompositeType(type)) return { depth: 1, cost: () => 1 };
    const inner = measureSelections(field.selectionSet, type);
    const size = sizeOf(field, isObjectType(type) && type.name.endsWith('Connection'));
    return {
      depth: inner.depth + 1,
      cost: (variables) => 1 + size(variables) * inner.cost(variables),
    };
  };

  const measureSelections = (selectionSet: SelectionSetNode, parent: GraphQLCompositeType): Part => {
    const parts = selectionSet.selections.map((selection): Part => {
      if (selection.kind === Kind.FIELD) return measureField(selection, parent);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value);
      const type = selection.typeCondition && schema.getType(selection.typeCondition.name.value);
      return measureSelections(selection.selectionSet, isCompositeType(type) ? type : parent);
    });
    return {
      depth: Math.max(0, ...parts.map(({ depth }) => depth)),
      cost: (variables) => parts.reduce((sum, { cost }) => sum + cost(variables), 0),
    };
  };

  const root = schema.getRootType(operation.operation);
  const whole = root ? measureSelections(operation.selectionSet, root) : { depth: 0, cost: CONSTANT_ZERO };
  const defaults = defaultsOf(operation);
  return {
    depth: whole.depth,
    cost: (variables) => whole.cost({ ...defaults, ...variables }),
    aliases: countAliases(document),
  };
}

/** The page sizes and numbers of ids that hold where the caller gives no value. */
function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Variables {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaultValue?.kind === Kind.INT) defaults[variable.name.value] = Number(defaultValue.value);
    if (defaultValue?.kind === Kind.LIST) defaults[variable.name.value] = defaultValue.values;
  }
  return defaults;
}

/** How many objects a field may answer with: the page size of a connection, the number of ids of `nodes`, else one. */
function sizeOf(field: FieldNode, isConnection: boolean): Cost {
  const argument = (name: string) => field.arguments?.find((node) => node.name.value === name)?.value;
  if (field.name.value === 'nodes') {
    const ids = argument('ids');
    if (ids?.kind === Kind.LIST) return () => Math.max(1, ids.values.length);
    if (ids?.kind === Kind.VARIABLE) {
      return (variables) => {
        const given = variables[ids.name.value];
        return Array.isArray(given) ? Math.max(1, given.length) : 1;
      };
    }
  }
  if (!isConnection) return () => 1;
  const sizes = [argument('first'), argument('last')].filter((node) => node !== undefined);
  return (variables) => {
    const given = sizes
      .map((node) => {
        if (node.kind === Kind.INT) return Number(node.value);
        return node.kind === Kind.VARIABLE ? variables[node.name.value] : undefined;
      })
      .filter((value) => typeof value === 'number');
    return Math.max(1, given.length === 0 ? DEFAULT_PAGE_SIZE : Math.max(...given));
  };
}

function countAliases(document: DocumentNode): number {
  let aliases = 0;
  visit(document, {
    Field(field) {
      if (field.alias) aliases += 1;
    },
  });
  return aliases;
}
