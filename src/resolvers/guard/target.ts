import type { GraphQLResolveInfo } from 'graphql';
import type { Access } from '../../policies/decision.js';
import type { GraphQLContext } from '../context.js';
import type { Demand } from './marks.js';
import { notFound, refusalFor, unauthenticated } from './refusal.js';

const targets = new WeakMap<GraphQLResolveInfo, object>();

/** The object that this very field acts on, loaded and judged by the guard; null where its mark names none. */
export function targetOf(info: GraphQLResolveInfo): object | null {
  return targets.get(info) ?? null;
}

/** Remembers it for one field of one request: the executor makes one `info` for each, aliases apart. */
export function rememberTarget(info: GraphQLResolveInfo, target: object): void {
  targets.set(info, target);
}

/**
 * The object that a demand is about; a promise only where it must be loaded. Out of sight is NOT_FOUND, the same as
 * missing. @throws GraphQLError UNAUTHENTICATED, FORBIDDEN, NOT_FOUND
 */
export function loadTarget(
  { target, subject }: Demand,
  args: Record<string, unknown>,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
  what: string,
): object | null | Promise<object> {
  switch (target.from) {
    case 'none':
      return null;
    case 'viewer':
      return visible(context.access, subject, signedIn(context, context.viewer, subject, info, what), what);
    case 'viewerSession':
      return visible(context.access, subject, signedIn(context, context.session, subject, info, what), what);
    default: {
      const id = valueAt(args, target.path);
      if (typeof id !== 'string') throw notFound(what);
      return context.loaders.byGlobalId(id).then((node) => {
        if (node?.type !== subject) throw notFound(what);
        return visible(context.access, subject, node.object, what);
      });
    }
  }
}

/** The value at a dotted path of the arguments; undefined where the path ends early. */
export function valueAt(args: Record<string, unknown>, path: string): unknown {
  let value: unknown = args;
  for (const level of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[level];
  }
  return value;
}

/** A client that acts for itself has no user and no session to act on. */
function signedIn(
  context: GraphQLContext,
  object: object | null,
  subject: string,
  info: GraphQLResolveInfo,
  what: string,
): object {
  if (object !== null) return object;
  if (context.principal.kind === 'anonymous') throw unauthenticated(what);
  const asked = { action: 'read', subject, object: null, field: 'id', info };
  throw refusalFor(context, asked, context.access.decide('read', subject, null, 'id'), what);
}

function visible(access: Access, subject: string, object: object, what: string): object {
  if (access.decide('read', subject, object, 'id').allowed) return object;
  throw notFound(what);
}
