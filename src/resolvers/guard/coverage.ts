import {
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isNonNullType,
} from 'graphql';
import { type Catalog, WHOLE } from '../../policies/catalog.js';
import type { RoleDefinition } from '../../policies/rule.js';
import { argumentTypeAt, demandedField, inputAt } from './demand.js';
import {
  type AnyField,
  type Demand,
  dataTypes,
  fieldMark,
  governedMark,
  inputMark,
  rootTypes,
  typeMark,
} from './marks.js';
import { FILTER_JOINTS } from './namedFields.js';

/** Every place of the schema that no mark or no rule covers, as sentences. */
export function uncoveredPlaces(
  schema: GraphQLSchema,
  catalog: Catalog,
  roles: readonly RoleDefinition[],
): readonly string[] {
  const right = rightsOf(roles);
  const roots = rootTypes(schema).flatMap((type) =>
    fieldsOf(type).flatMap((field) => rootFaults(catalog, right, type, field)),
  );
  const types = dataTypes(schema).flatMap((type) => typeFaults(catalog, right, type));
  return [...roots, ...types, ...inputFaults(schema, catalog)];
}

/** Whether some rule of some role could allow it. */
type HasRight = (action: string, subject: string, field: string) => boolean;

function rightsOf(roles: readonly RoleDefinition[]): HasRight {
  const rules = roles.flatMap((role) => role.rules).filter((rule) => rule.effect === 'allow');
  return (action, subject, field) =>
    rules.some(
      (rule) =>
        rule.subject === subject &&
        rule.actions.includes(action) &&
        (rule.fields.includes(field) || rule.fields.includes(WHOLE)),
    );
}

function fieldsOf(type: GraphQLObjectType): readonly AnyField[] {
  return Object.values(type.getFields()) as AnyField[];
}

function rootFaults(
  catalog: Catalog,
  right: HasRight,
  type: GraphQLObjectType,
  field: AnyField,
): readonly string[] {
  const place = `${type.name}.${field.name}`;
  const mark = fieldMark(field);
  if (mark === null) return [`${place} is neither public nor requires a right`];
  return mark.kind === 'requires' ? demandFaults(catalog, right, place, mark, field) : [];
}

function demandFaults(
  catalog: Catalog,
  right: HasRight,
  place: string,
  demand: Demand,
  field: AnyField,
): readonly string[] {
  const { action, subject, target, writes } = demand;
  const known = catalog.subjects.get(subject);
  if (known === undefined) return [`${place} requires a right on ${subject}, which is no governed type`];
  if (!known.actions.has(action))
    return [`${place} requires ${action}, which ${subject} does not name as an action`];
  const faults: string[] = [];
  const demanded = demandedField(demand);
  if (demanded !== WHOLE && !known.fields.has(demanded))
    faults.push(`${place} requires the unknown field ${demanded}`);
  if (writes === undefined && !right(action, subject, demanded)) {
    faults.push(`${place}: no role may ${action} ${subject}`);
  }
  if (target.from === 'argument' && argumentTypeAt(field.args, target.path) === undefined) {
    faults.push(`${place} has no argument ${target.path} to find its object by`);
  }
  if (writes === undefined) return faults;
  const input = inputAt(field.args, writes.path);
  if (input === null) return [...faults, `${place} has no input object at ${writes.path}`];
  const keys = Object.keys(input.getFields()).filter((key) => writes.ignore?.includes(key) !== true);
  for (const key of keys) {
    if (!known.fields.has(key)) faults.push(`${place} writes ${key}, which is no field of ${subject}`);
    else if (!right(action, subject, key)) faults.push(`${place}: no role may ${action} ${subject}.${key}`);
  }
  return faults;
}

function typeFaults(catalog: Catalog, right: HasRight, type: GraphQLObjectType): readonly string[] {
  if (typeMark(type) === null) return [`type ${type.name} is neither governed nor structural`];
  const governed = governedMark(type);
  const faults = fieldsOf(type).flatMap((field) => {
    const place = `${type.name}.${field.name}`;
    const mark = fieldMark(field);
    if (mark?.kind === 'requires') return demandFaults(catalog, right, place, mark, field);
    if (governed === null || mark?.kind === 'public') return [];
    if (!right('read', type.name, field.name)) return [`${place}: no role may read it`];
    if (field.name !== 'id' && isNonNullType(field.type))
      return [`${place} cannot be null, so it cannot be refused`];
    return [];
  });
  if (governed === null) return faults;
  const known = catalog.subjects.get(type.name)?.fields;
  if (known?.has('id') !== true)
    faults.push(`${type.name} has no field id, which says whether it is visible`);
  for (const name of Object.keys(governed.paths)) {
    if (known?.has(name) !== true)
      faults.push(`${type.name} gives a path for ${name}, which is no field of it`);
  }
  for (const action of governed.actions) {
    if (!right(action, type.name, WHOLE)) faults.push(`${type.name}: no role may ${action} it`);
  }
  return faults;
}

function inputFaults(schema: GraphQLSchema, catalog: Catalog): readonly string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isInputObjectType(type))
    .flatMap((type) => inputTypeFaults(catalog, type));
}

function inputTypeFaults(catalog: Catalog, type: GraphQLInputObjectType): readonly string[] {
  const mark = inputMark(type);
  if (mark === null) return [`input ${type.name} is neither a filter, an order nor plain`];
  if (mark.kind === 'plain') return [];
  const fields = catalog.subjects.get(mark.subject)?.fields;
  if (fields === undefined) return [`input ${type.name} is about ${mark.subject}, which is no governed type`];
  const isReadable = (name: unknown) => typeof name === 'string' && fields.get(name)?.readable === true;
  if (mark.kind === 'filterOf') {
    return Object.keys(type.getFields())
      .filter((key) => !FILTER_JOINTS.has(key) && !isReadable(key))
      .map((key) => `input ${type.name} filters by ${key}, which is no readable field of ${mark.subject}`);
  }
  const order = getNamedType(type.getFields().field?.type);
  if (!isEnumType(order)) return [`input ${type.name} orders by no enum named field`];
  return order
    .getValues()
    .filter(({ value }) => !isReadable(value))
    .map(({ name }) => `input ${type.name} orders by ${name}, which is no readable field of ${mark.subject}`);
}
