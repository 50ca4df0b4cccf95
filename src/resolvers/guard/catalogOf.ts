import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isListType,
} from 'graphql';
import {
  type Catalog,
  type CatalogField,
  type CatalogSubject,
  COMMON_ACTIONS,
  type FieldKind,
  type ScalarKind,
} from '../../policies/catalog.js';
import { dataTypes, fieldMark, type GovernedMark, governedMark } from './marks.js';

const SCALAR_KINDS: Readonly<Record<string, FieldKind>> = {
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  Date: 'date',
  DateTime: 'date',
  DateTimeISO: 'date',
  Timestamp: 'date',
  JSON: 'object',
  JSONObject: 'object',
};

/** What rules may name: the governed types of the schema, their fields and their actions. */
export function catalogOf(schema: GraphQLSchema): Catalog {
  const subjects = new Map<string, CatalogSubject>();
  for (const type of dataTypes(schema)) {
    const mark = governedMark(type);
    if (mark !== null) subjects.set(type.name, subjectOf(type, mark));
  }
  return { subjects };
}

function subjectOf(type: GraphQLObjectType, mark: GovernedMark): CatalogSubject {
  const fields = new Map<string, CatalogField>();
  for (const [name, field] of Object.entries(type.getFields())) {
    // A public field asks for no right, and one that requires an act speaks of that act: neither is a field of a rule.
    if (fieldMark(field) !== null) continue;
    fields.set(name, fieldOf(mark, name, field.type, field.args.length > 0));
  }
  for (const name of mark.writable) {
    if (!fields.has(name)) fields.set(name, writeOnly(mark, name));
  }
  return { fields, actions: new Set([...COMMON_ACTIONS, ...mark.actions]) };
}

function fieldOf(
  mark: GovernedMark,
  name: string,
  type: GraphQLOutputType,
  hasArguments: boolean,
): CatalogField {
  const given = mark.paths[name];
  const isReference = isCompositeType(getNamedType(type)) && typeof given === 'string';
  // A path to a related object leads to its stored id.
  const item = isReference ? 'string' : kindOf(type);
  const isList = isListType(getNullableType(type));
  const isComputed = hasArguments || (isCompositeType(getNamedType(type)) && !isReference && isList);
  const byDefault = isComputed ? null : storedName(name);
  return {
    path: given === undefined ? byDefault : given,
    kind: isList ? 'list' : item,
    items: isList && item !== 'object' && item !== 'list' ? item : null,
    readable: true,
  };
}

function writeOnly(mark: GovernedMark, name: string): CatalogField {
  const given = mark.paths[name];
  // Without an output type nothing says how it compares, unless a path leads into a list of documents.
  const isList = given?.includes('.') ?? false;
  return {
    path: given ?? null,
    kind: isList ? 'list' : 'object',
    items: isList ? 'string' : null,
    readable: false,
  };
}

function storedName(name: string): string {
  return name === 'id' ? '_id' : name;
}

function kindOf(type: GraphQLOutputType): ScalarKind | 'object' | 'list' {
  const named = getNamedType(type);
  if (isCompositeType(named)) return 'object';
  return isEnumType(named) ? 'string' : (SCALAR_KINDS[named.name] ?? 'string');
}
