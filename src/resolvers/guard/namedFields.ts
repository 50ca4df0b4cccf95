import {
  type GraphQLArgument,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLResolveInfo,
  getNamedType,
  isEnumType,
  isInputObjectType,
} from 'graphql';
import type { GraphQLContext } from '../context.js';
import { inputMark } from './marks.js';
import { refusalFor } from './refusal.js';

/** The keys of a filter that hold filters and name no field. */
export const FILTER_JOINTS: ReadonlySet<string> = new Set(['and', 'or', 'not']);

interface NamedField {
  readonly subject: string;
  readonly field: string;
  /** Where the caller named it, and how: `['filter', 'and', '0', 'email']`. */
  readonly path: readonly string[];
  readonly shown: string;
}
type Visit = (named: NamedField) => void;
type Walk = (value: unknown, path: readonly string[], visit: Visit) => void;

/** Refuses arguments that filter or order by a field that can be read on no object: the rest is for the query to narrow. */
export type ArgumentCheck = (
  args: Record<string, unknown>,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
) => void;

/**
 * The check for a field's arguments; null where none can name a field of a subject. A filter by a field that cannot be
 * read would be an oracle; where it can be read on some objects, `access.filter('read', subject, field)` keeps the
 * query to those.
 */
export function argumentCheck(args: readonly GraphQLArgument[]): ArgumentCheck | null {
  const walks = args.flatMap(({ name, type }) => {
    const walk = walkOf(type, new Map());
    return walk === null ? [] : [{ name, walk }];
  });
  if (walks.length === 0) return null;
  return (values, context, info) => {
    const { access } = context;
    for (const { name, walk } of walks) {
      walk(values[name], [name], ({ subject, field, path, shown }) => {
        if (access.mayEver('read', subject, field)) return;
        const decision = access.decide('read', subject, null, field);
        const asked = { action: 'read', subject, object: null, field, info };
        throw refusalFor(context, asked, decision, `filter or order by ${subject}.${shown}`, path);
      });
    }
  };
}

function walkOf(type: GraphQLInputType, known: Map<GraphQLInputObjectType, Walk>): Walk | null {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || !namesFields(named, new Set())) return null;
  const seen = known.get(named);
  if (seen !== undefined) return seen;
  const walks = new Map<string, Walk>();
  const walk = eachOf((value, path, visit) => {
    for (const [key, inner] of Object.entries(value)) walks.get(key)?.(inner, [...path, key], visit);
  });
  known.set(named, walk);
  for (const [key, field] of Object.entries(named.getFields())) {
    const own = fieldWalk(named, key) ?? walkOf(field.type, known);
    if (own !== null) walks.set(key, own);
  }
  return walk;
}

/** What a key itself names, in an input that is marked as filter or order. */
function fieldWalk(type: GraphQLInputObjectType, key: string): Walk | null {
  const mark = inputMark(type);
  if (mark?.kind === 'filterOf' && !FILTER_JOINTS.has(key)) {
    return (value, path, visit) => {
      if (value === undefined) return;
      visit({ subject: mark.subject, field: key, path, shown: key });
    };
  }
  if (mark?.kind !== 'orderOf' || key !== 'field') return null;
  const order = getNamedType(type.getFields()[key]?.type);
  return (value, path, visit) => {
    if (typeof value !== 'string') return;
    const shown = isEnumType(order)
      ? order.getValues().find((entry) => entry.value === value)?.name
      : undefined;
    visit({ subject: mark.subject, field: value, path, shown: shown ?? value });
  };
}

function eachOf(walk: (value: object, path: readonly string[], visit: Visit) => void): Walk {
  const each: Walk = (value, path, visit) => {
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        each(item, [...path, String(index)], visit);
      });
    } else if (typeof value === 'object' && value !== null) walk(value, path, visit);
  };
  return each;
}

function namesFields(type: GraphQLInputObjectType, seen: Set<GraphQLInputObjectType>): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  const mark = inputMark(type);
  if (mark?.kind === 'filterOf' || mark?.kind === 'orderOf') return true;
  return Object.values(type.getFields()).some((field) => {
    const named = getNamedType(field.type);
    return isInputObjectType(named) && namesFields(named, seen);
  });
}
