import {
  type GraphQLAbstractType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { GraphQLContext } from '../context.js';
import { governedMark } from './marks.js';
import { notFound } from './refusal.js';

/** Takes out of a resolver's result every governed object that the principal may not see. */
export type Shield = (value: unknown, context: GraphQLContext, info: GraphQLResolveInfo) => unknown;

/** An object out of sight, before it is known whether its place may be empty. */
const HIDDEN = Symbol('hidden');

/**
 * The shield for results of a type; null where no governed object can come out. An object out of sight becomes null,
 * as a missing one is; in a list whose items cannot be null it is left out; in a place that cannot be empty the field
 * fails with NOT_FOUND. Allocates nothing when all is visible.
 */
export function shieldFor(schema: GraphQLSchema, type: GraphQLOutputType): Shield | null {
  const hide = hiderFor(schema, type);
  if (hide === null) return null;
  const isRequired = isNonNullType(type);
  const finish = (value: unknown, info: GraphQLResolveInfo) => {
    if (value !== HIDDEN) return value;
    if (isRequired) throw notFound(`${info.parentType.name}.${info.fieldName}`);
    return null;
  };
  return (value, context, info) => {
    const shown = hide(value, context, info);
    return isPromise(shown) ? shown.then((late) => finish(late, info)) : finish(shown, info);
  };
}

function hiderFor(schema: GraphQLSchema, type: GraphQLOutputType): Shield | null {
  if (isNonNullType(type)) return hiderFor(schema, type.ofType);
  if (isListType(type)) {
    const item = hiderFor(schema, type.ofType);
    return item && settled(listHider(item, isNonNullType(type.ofType)));
  }
  if (isAbstractType(type)) {
    const members = schema.getPossibleTypes(type);
    return members.some((member) => governedMark(member) !== null)
      ? settled(abstractHider(schema, type))
      : null;
  }
  return governedMark(type) === null
    ? null
    : settled((value, context, info) => (isVisible(context, type, value, info) ? value : HIDDEN));
}

/** Waits for promises and lets absent values and errors through, so that the rest sees values only. */
function settled(hide: Shield): Shield {
  const shield: Shield = (value, context, info) => {
    if (value === null || value === undefined || value instanceof Error) return value;
    if (isPromise(value)) return value.then((late) => shield(late, context, info));
    return hide(value, context, info);
  };
  return shield;
}

function listHider(hideItem: Shield, dropsHidden: boolean): Shield {
  const finish = (shown: readonly unknown[], given: readonly unknown[]) => {
    if (!shown.includes(HIDDEN)) return shown.every((item, index) => item === given[index]) ? given : shown;
    return dropsHidden
      ? shown.filter((item) => item !== HIDDEN)
      : shown.map((item) => (item === HIDDEN ? null : item));
  };
  return (value, context, info) => {
    // Anything else than a list is the executor's to complain about.
    if (typeof value !== 'object' || !(Symbol.iterator in (value as object))) return value;
    const given = Array.isArray(value) ? value : [...(value as Iterable<unknown>)];
    const shown = given.map((item) => hideItem(item, context, info));
    return shown.some(isPromise)
      ? Promise.all(shown).then((late) => finish(late, late))
      : finish(shown, given);
  };
}

function abstractHider(schema: GraphQLSchema, type: GraphQLAbstractType): Shield {
  return (value, context, info) => {
    const judge = (name: unknown) => {
      const member = typeof name === 'string' ? schema.getType(name) : undefined;
      // A type that the executor will not find either is its to complain about; nothing of it is shown.
      if (member === undefined || governedMark(member) === null) return value;
      return isVisible(context, member, value, info) ? value : HIDDEN;
    };
    const name = type.resolveType
      ? type.resolveType(value, context, info, type)
      : (value as { __typename?: string }).__typename;
    return isPromise(name) ? name.then(judge) : judge(name ?? memberOf(schema, type, value, context, info));
  };
}

/** The executor's last resort for types without a `resolveType`. */
function memberOf(
  schema: GraphQLSchema,
  type: GraphQLAbstractType,
  value: unknown,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
): string | undefined {
  return schema
    .getPossibleTypes(type)
    .find((member) => isObjectType(member) && member.isTypeOf?.(value, context, info) === true)?.name;
}

function isVisible(
  { access, watch }: GraphQLContext,
  type: GraphQLNamedType,
  value: unknown,
  info: GraphQLResolveInfo,
): boolean {
  const shown =
    typeof value === 'object' && value !== null && access.decide('read', type.name, value, 'id').allowed;
  if (!shown) watch?.hidden(info, 1);
  return shown;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return (
    value !== null && typeof value === 'object' && typeof (value as { then?: unknown }).then === 'function'
  );
}
