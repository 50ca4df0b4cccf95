import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isUnionType,
} from 'graphql';

/** One place in the schema where a caller may put text (or JSON), and a document that reaches it. */
export interface StringPlace {
  /** `mutation signUp.input.email`, `User.sessions.after`. */
  readonly name: string;
  readonly scalar: string;
  /** Part of a filter of a list: an unknown text finds nothing, which is no fault. */
  readonly document: string;
  /** The variables of the document with `value` at the place. */
  variables(value: unknown): Record<string, unknown>;
}

/** Gives a valid value for a required text by its name, the scalar and the root field around it. */
export type Plausible = (name: string, scalar: string, rootField: string) => unknown;

const TEXT_SCALARS = new Set(['String', 'ID', 'DateTime', 'JSONObject']);

type Leaf = { path: (string | 0)[]; scalar: string };

/** Every String, ID, DateTime and JSONObject of every argument of every field, those inside of input objects included. */
export function stringPlaces(
  schema: GraphQLSchema,
  plausible: Plausible,
  nodeIds: ReadonlyMap<string, string>,
): StringPlace[] {
  const places: StringPlace[] = [];
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const;
  for (const [operation, type] of roots) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      places.push(...placesOf(field, operation, `${operation} ${field.name}`, plausible));
    }
  }
  for (const [typeName, id] of nodeIds) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`${typeName} is no object type`);
    for (const field of Object.values(type.getFields())) {
      const wrap = (inner: string) => `node(id: ${JSON.stringify(id)}) { ... on ${typeName} { ${inner} } }`;
      places.push(...placesOf(field, 'query', `${typeName}.${field.name}`, plausible, wrap));
    }
  }
  return places;
}

function placesOf(
  field: GraphQLField<unknown, unknown>,
  operation: 'query' | 'mutation',
  name: string,
  plausible: Plausible,
  wrap: (inner: string) => string = (inner) => inner,
): StringPlace[] {
  return field.args.flatMap((argument) =>
    leavesOf(argument.type, [argument.name], new Set()).map((leaf) => {
      const used = field.args.filter((other) => other === argument || isRequiredArgument(other));
      const document = documentFor(field, used, operation, wrap);
      return {
        name: `${name}.${leaf.path.join('.')}`,
        scalar: leaf.scalar,
        document,
        variables: (value: unknown) =>
          Object.fromEntries(
            used.map((each) => [
              each.name,
              each === argument
                ? valueFor(each, leaf.path.slice(1), value, plausible, field.name)
                : requiredValue(each, plausible, field.name),
            ]),
          ),
      };
    }),
  );
}

function leavesOf(type: GraphQLInputType, path: (string | 0)[], above: Set<string>): Leaf[] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return leavesOf(nullable.ofType, [...path, 0], above);
  if (isScalarType(nullable)) return TEXT_SCALARS.has(nullable.name) ? [{ path, scalar: nullable.name }] : [];
  // `and` and `or` hold their own type again.
  if (!isInputObjectType(nullable) || above.has(nullable.name)) return [];
  const inside = new Set([...above, nullable.name]);
  return Object.values(nullable.getFields()).flatMap((member) =>
    leavesOf(member.type, [...path, member.name], inside),
  );
}

function documentFor(
  field: GraphQLField<unknown, unknown>,
  used: readonly GraphQLArgument[],
  operation: string,
  wrap: (inner: string) => string,
): string {
  const declared = used.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = used.map(({ name }) => `${name}: $${name}`).join(', ');
  return `${operation} Sweep(${declared}) { ${wrap(`${field.name}(${passed})${selectionOf(field)}`)} }`;
}

function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isObjectType(type) && 'userErrors' in type.getFields())
    return ' { __typename userErrors { code path message } }';
  return isObjectType(type) || isInterfaceType(type) || isUnionType(type) ? ' { __typename }' : '';
}

function valueFor(
  around: GraphQLArgument | GraphQLInputField,
  path: readonly (string | 0)[],
  value: unknown,
  plausible: Plausible,
  rootField: string,
): unknown {
  return place(around.type, path, value, plausible, rootField);
}

function place(
  type: GraphQLInputType,
  path: readonly (string | 0)[],
  value: unknown,
  plausible: Plausible,
  rootField: string,
): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [place(nullable.ofType, rest, value, plausible, rootField)];
  if (!isInputObjectType(nullable)) throw new Error(`no way into ${String(type)}`);
  const members = Object.values(nullable.getFields()).filter(
    (member) => member.name === step || isRequiredInputField(member),
  );
  return Object.fromEntries(
    members.map((member) => [
      member.name,
      member.name === step
        ? place(member.type, rest, value, plausible, rootField)
        : requiredValue(member, plausible, rootField),
    ]),
  );
}

function requiredValue(
  around: GraphQLArgument | GraphQLInputField,
  plausible: Plausible,
  rootField: string,
): unknown {
  return someValue(around.type, around.name, plausible, rootField);
}

function someValue(type: GraphQLInputType, name: string, plausible: Plausible, rootField: string): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [someValue(nullable.ofType, name, plausible, rootField)];
  if (isInputObjectType(nullable)) {
    const required = Object.values(nullable.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(
      required.map((member) => [member.name, requiredValue(member, plausible, rootField)]),
    );
  }
  if (isScalarType(nullable)) return plausible(name, nullable.name, rootField);
  return nullable.getValues()[0]?.name;
}
