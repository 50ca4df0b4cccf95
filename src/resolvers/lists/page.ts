import type { GraphQLResolveInfo } from 'graphql';
import { AppError } from '../../errors.js';
import type { Access } from '../../policies/decision.js';
import type { Page } from '../../schema/connection.js';
import type { PagingArgs } from '../../schema/paging.js';
import type { GraphQLContext } from '../context.js';
import { beyond, decodeCursor, encodeCursor, type SortValue } from './cursor.js';
import type { ListDefinition } from './definitions.js';
import { allOf, filterQuery } from './filter.js';
import { readPaging } from './paging.js';
import { projectionOf, type Selecting } from './projection.js';

export interface ListArguments {
  readonly paging: PagingArgs;
  readonly filter?: object | null | undefined;
  readonly orderBy?: { readonly field: string; readonly direction: 'ASC' | 'DESC' } | null | undefined;
  /** What belongs to the list at all, in stored paths (the sessions of one user). */
  readonly within?: Record<string, unknown>;
}

/**
 * One page of the objects that the viewer may see and that pass the filter, found by keyset: the policy, the filter and
 * the cursor are one Mongo query. `totalCount` is counted under the policy and the filter, when asked for.
 * @throws AppError BAD_USER_INPUT or LIMIT_EXCEEDED for paging arguments, cursors and filters out of range
 */
export async function fetchPage<T extends { _id: string | number }>(
  { access, deps, policy, watch }: Pick<GraphQLContext, 'access' | 'deps' | 'policy' | 'watch'>,
  list: ListDefinition<T>,
  { paging, filter, orderBy, within }: ListArguments,
  info: Selecting & Pick<GraphQLResolveInfo, 'path'>,
): Promise<Page<T>> {
  const { size, backwards, cursor, cursorArgument } = readPaging(paging);
  const order = orderBy ?? { field: 'id', direction: list.defaultDirection };
  const path = order.field === 'id' ? '_id' : list.fields[order.field]?.path;
  if (path === undefined)
    throw new AppError('INTERNAL', `order ${order.field} of ${list.type} is not mapped`);

  const seenBy = (by: Access) =>
    allOf([
      within ?? {},
      by.filter(within ? 'read' : 'list', list.type),
      // An object whose sort field is hidden has no place in the order that would not tell about it.
      by.filter('read', list.type, order.field),
      ...filterQuery(by, list.type, list.fields, filter as Record<string, unknown> | null | undefined),
    ]);
  const base = seenBy(access);
  const direction = (order.direction === 'ASC') === backwards ? -1 : 1;
  const name = `${list.type} ${order.field} ${order.direction}`;
  const start = cursor === null ? null : decodeCursor(deps.secrets, name, cursor, cursorArgument);

  const model = list.model(deps.models);
  const projection = projectionOf(info, list.type, path, access.catalog, policy);
  if (watch?.sees) {
    const count = (query: object) => model.countDocuments(query);
    watch.hidden(info, (await count(seenBy(watch.sees))) - (await count(base)));
  }
  const found = (await model
    .find((start ? allOf([base, beyond(path, direction, start)]) : base) as object, projection)
    .sort(path === '_id' ? { _id: direction } : { [path]: direction, _id: direction })
    .limit(size + 1)
    .lean()) as unknown as T[];
  const more = found.length > size;
  const nodes = found.slice(0, size);
  if (backwards) nodes.reverse();

  const edges = nodes.map((node) => ({
    node,
    cursor: encodeCursor(deps.secrets, name, { value: sortValue(node, path), id: node._id }),
  }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: backwards ? start !== null : more,
      hasPreviousPage: backwards ? more : start !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: async () => model.countDocuments(base as object),
  };
}

function sortValue(node: object, path: string): SortValue {
  return ((node as Record<string, unknown>)[path] ?? null) as SortValue;
}
