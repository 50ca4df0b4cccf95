import {
  type GraphQLArgument,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLResolveInfo,
  getNamedType,
  isInputObjectType,
} from 'graphql';
import { type Catalog, WHOLE } from '../../policies/catalog.js';
import type { Access } from '../../policies/decision.js';
import type { GraphQLContext } from '../context.js';
import type { Demand } from './marks.js';
import { refusalFor } from './refusal.js';
import { loadTarget, rememberTarget } from './target.js';
import { type ReadWrites, writesReader } from './writes.js';

/** Judges one call of a field; returns, resolves or throws before the field's own resolver runs. */
export type CheckDemand = (
  args: Record<string, unknown>,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
) => void | Promise<void>;

/** The field of the subject that a demand's rules speak of. */
export function demandedField({ action, field }: Demand): string {
  return field ?? (action === 'read' || action === 'list' ? 'id' : WHOLE);
}

/**
 * The check of a field marked with `Requires`, in the order: could the right exist at all, is the object there and in
 * sight, is the act allowed on it, is each field that the input writes allowed before and after.
 * @throws GraphQLError UNAUTHENTICATED, FORBIDDEN, STEP_UP_REQUIRED or NOT_FOUND
 */
export function demandCheck(catalog: Catalog, demand: Demand, args: readonly GraphQLArgument[]): CheckDemand {
  const { action, subject, target, writes } = demand;
  const field = demandedField(demand);
  const what = `${action} ${subject}`;
  const readWrites = writesReader(catalog, demand, writes === undefined ? null : inputAt(args, writes.path));
  const writable = [...(catalog.subjects.get(subject)?.fields.keys() ?? [])];
  // An input without a field changes nothing, but only who could change something may send it.
  const mayWriteAny = (access: Access, object: object) =>
    writable.some((name) => access.decide(action, subject, object, name).allowed);

  const judge = (
    given: Record<string, unknown>,
    context: GraphQLContext,
    info: GraphQLResolveInfo,
    object: object | null,
  ) => {
    // The fields that are written say all there is to say; an act without any is judged as a whole.
    if (writes !== undefined) judgeWrites(readWrites, given, context, info, object);
    else if (!isListing(demand)) judgeAct(context, info, object);
  };
  const judgeAct = (context: GraphQLContext, info: GraphQLResolveInfo, object: object | null) => {
    const { access, watch } = context;
    const decision = access.decide(action, subject, object, field);
    const asked = { action, subject, object, field, info };
    if (!decision.allowed) throw refusalFor(context, asked, decision, what);
    watch?.decided(asked, decision, access, null);
  };
  const judgeWrites = (
    read: ReadWrites,
    given: Record<string, unknown>,
    context: GraphQLContext,
    info: GraphQLResolveInfo,
    before: object | null,
  ) => {
    const { access, watch } = context;
    const { fields, after } = read(given, before);
    if (fields.length === 0 && before !== null && !mayWriteAny(access, before)) {
      const asked = { action, subject, object: before, field, info };
      throw refusalFor(context, asked, access.decide(action, subject, before, field), what);
    }
    const refusals = access.refusedFields(action, subject, before, after, fields);
    const [refused] = refusals;
    if (refused === undefined) {
      for (const name of watch === undefined ? [] : fields) {
        const object = before ?? after;
        const decision = access.decide(action, subject, object, name);
        watch?.decided({ action, subject, object, field: name, info }, decision, access, null);
      }
      return;
    }
    const [name, decision] = refused;
    // Where the object before would do, it is the object after the change that is refused.
    const object = before !== null && !access.decide(action, subject, before, name).allowed ? before : after;
    throw refusalFor(
      context,
      { action, subject, object, field: name, info },
      decision,
      `${action} ${subject}.${name}`,
      [...(writes?.path ?? '').split('.'), name],
    );
  };

  return (given, context, info) => {
    const { access } = context;
    if (!access.mayEver(action, subject, writes === undefined ? field : undefined)) {
      const asked = { action, subject, object: null, field, info };
      throw refusalFor(context, asked, access.decide(action, subject, null, field), what);
    }
    const proceed = (object: object | null) => {
      judge(given, context, info, object);
      if (object !== null) rememberTarget(info, object);
    };
    const object = target.from === 'none' ? null : loadTarget(demand, given, context, info, what);
    return object instanceof Promise ? object.then(proceed) : proceed(object);
  };
}

/** A list or a look-up may start if it could find anything; what it finds is for the query's filter and the shield. */
function isListing({ action, target }: Demand): boolean {
  return target.from === 'none' && (action === 'read' || action === 'list');
}

/** The input object at a dotted path of the arguments; null where there is none. */
export function inputAt(args: readonly GraphQLArgument[], path: string): GraphQLInputObjectType | null {
  const [first, ...levels] = path.split('.');
  let type = args.find(({ name }) => name === first)?.type;
  for (const level of levels) type = fieldType(type, level);
  const named = getNamedType(type);
  return isInputObjectType(named) ? named : null;
}

/** The type at a dotted path of the arguments. */
export function argumentTypeAt(args: readonly GraphQLArgument[], path: string): GraphQLInputType | undefined {
  const [first, ...levels] = path.split('.');
  let type = args.find(({ name }) => name === first)?.type;
  for (const level of levels) type = fieldType(type, level);
  return type;
}

function fieldType(type: GraphQLInputType | undefined, level: string): GraphQLInputType | undefined {
  const named = getNamedType(type);
  return isInputObjectType(named) ? named.getFields()[level]?.type : undefined;
}
