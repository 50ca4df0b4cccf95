import type {
  GraphQLField,
  GraphQLInputObjectType,
  GraphQLNamedType,
  GraphQLObjectType,
  GraphQLSchema,
} from 'graphql';
import { isObjectType } from 'graphql';
import { type FieldMark, type InputMark, MARK, type TypeMark } from '../../schema/governance.js';
import type { GraphQLContext } from '../context.js';

export type AnyField = GraphQLField<unknown, GraphQLContext, Record<string, unknown>>;
export type Demand = Extract<FieldMark, { kind: 'requires' }>;
export type GovernedMark = Extract<TypeMark, { kind: 'governed' }>;

interface Extended {
  readonly extensions: Readonly<Record<string, unknown>>;
}

const KINDS = {
  type: ['governed', 'structural'],
  field: ['public', 'requires'],
  input: ['filterOf', 'orderOf', 'plain'],
} as const;

function markOf(place: Extended, kinds: readonly string[]): unknown {
  const mark = place.extensions[MARK] as { kind?: string } | undefined;
  return mark?.kind !== undefined && kinds.includes(mark.kind) ? mark : null;
}

export function typeMark(type: GraphQLObjectType): TypeMark | null {
  return markOf(type, KINDS.type) as TypeMark | null;
}

export function fieldMark(field: Extended): FieldMark | null {
  return markOf(field, KINDS.field) as FieldMark | null;
}

export function inputMark(type: GraphQLInputObjectType): InputMark | null {
  return markOf(type, KINDS.input) as InputMark | null;
}

/** The mark of a type that is a policy subject; null for every other type. */
export function governedMark(type: GraphQLNamedType): GovernedMark | null {
  const mark = isObjectType(type) ? typeMark(type) : null;
  return mark?.kind === 'governed' ? mark : null;
}

/** Query, Mutation and Subscription, as far as the schema has them. */
export function rootTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type !== null && type !== undefined,
  );
}

/** Every object type but the roots and those of introspection. */
export function dataTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const roots = rootTypes(schema);
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter((type) => !type.name.startsWith('__') && !roots.includes(type));
}
