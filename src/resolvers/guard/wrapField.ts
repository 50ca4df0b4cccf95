import {
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import type { Catalog } from '../../policies/catalog.js';
import type { GraphQLContext } from '../context.js';
import { type CheckDemand, demandCheck, demandedField } from './demand.js';
import { type AnyField, type Demand, fieldMark } from './marks.js';
import { type ArgumentCheck, argumentCheck } from './namedFields.js';
import { refusalFor } from './refusal.js';
import { type Shield, shieldFor } from './shield.js';

type Args = Record<string, unknown>;
type Resolver = GraphQLFieldResolver<unknown, GraphQLContext, Args>;
type Judge = (
  source: unknown,
  args: Args,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
) => void | Promise<void>;

/**
 * Puts the guard around one field: first the right to it, then the fields that its arguments name, then its own
 * resolver, then the shield over what comes out. A plain property of an object costs one look-up and no promise.
 */
export function wrapField(options: {
  schema: GraphQLSchema;
  catalog: Catalog;
  type: GraphQLObjectType;
  field: AnyField;
  isRoot: boolean;
}): void {
  const { schema, catalog, type, field, isRoot } = options;
  const judge = judgeOf(catalog, type, field, isRoot);
  const checkArguments = argumentCheck(field.args);
  const shield = shieldFor(schema, field.type);
  if (field.subscribe !== undefined) {
    // The right is judged once, at the start of the stream; each event passes the shield.
    field.subscribe = guarded(field.subscribe, judge, checkArguments, null);
    field.resolve = guarded(field.resolve ?? propertyOf(field.name), null, null, shield);
    return;
  }
  if (judge === null && checkArguments === null && shield === null) return;
  field.resolve = guarded(field.resolve ?? propertyOf(field.name), judge, checkArguments, shield);
}

function judgeOf(catalog: Catalog, type: GraphQLObjectType, field: AnyField, isRoot: boolean): Judge | null {
  const mark = fieldMark(field);
  if (mark?.kind === 'public') return null;
  const isGoverned = catalog.subjects.has(type.name);
  if (mark?.kind !== 'requires') return isGoverned ? readJudge(type.name, field.name) : null;
  if (!isRoot && isGoverned && mark.subject === type.name && mark.target.from === 'none')
    return ownJudge(mark);
  const check: CheckDemand = demandCheck(catalog, mark, field.args);
  return (_source, args, context, info) => check(args, context, info);
}

function readJudge(subject: string, field: string): Judge {
  const what = `read ${subject}.${field}`;
  return (source, _args, context, info) => {
    const { access, watch } = context;
    const decision = access.decide('read', subject, source as object, field);
    if (decision.allowed && watch === undefined) return;
    const asked = { action: 'read', subject, object: source as object, field, info };
    if (!decision.allowed) throw refusalFor(context, asked, decision, what);
    watch?.decided(asked, decision, access, null);
  };
}

/** A field of a governed type that demands an act on the very object it stands on. */
function ownJudge(demand: Demand): Judge {
  const { action, subject } = demand;
  const field = demandedField(demand);
  return (source, _args, context, info) => {
    const { access, watch } = context;
    const decision = access.decide(action, subject, source as object, field);
    const asked = { action, subject, object: source as object, field, info };
    if (!decision.allowed) throw refusalFor(context, asked, decision, `${action} ${subject}`);
    watch?.decided(asked, decision, access, null);
  };
}

function guarded(
  resolve: Resolver,
  judge: Judge | null,
  checkArguments: ArgumentCheck | null,
  shield: Shield | null,
): Resolver {
  const run: Resolver = (source, args, context, info) => {
    checkArguments?.(args, context, info);
    const value: unknown = resolve(source, args, context, info);
    return shield === null ? value : shield(value, context, info);
  };
  if (judge === null) return run;
  if (checkArguments === null && shield === null) {
    return (source, args, context, info) => {
      const pending = judge(source, args, context, info);
      if (pending === undefined) return resolve(source, args, context, info);
      return pending.then(() => resolve(source, args, context, info));
    };
  }
  return (source, args, context, info) => {
    const pending = judge(source, args, context, info);
    if (pending === undefined) return run(source, args, context, info);
    return pending.then(() => run(source, args, context, info));
  };
}

/** What the executor does for a field without a resolver, with the name at hand. */
function propertyOf(name: string): Resolver {
  return (source, args, context, info) => {
    if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return undefined;
    const value = (source as Record<string, unknown>)[name];
    return typeof value === 'function' ? (value.call(source, args, context, info) as unknown) : value;
  };
}
