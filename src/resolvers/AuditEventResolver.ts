import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import type { AuditEvent as StoredEvent } from '../models/auditEvent.js';
import { viewerCan } from '../policies/viewerCan.js';
import { AuditEvent, AuditEventConnection, AuditEventFilter, AuditEventOrder } from '../schema/AuditEvent.js';
import type { Page } from '../schema/connection.js';
import { NODE_TYPES, toGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { Node, type Typed } from '../schema/Node.js';
import { PagingArgs } from '../schema/paging.js';
import { JsonObject } from '../schema/scalars.js';
import type { GraphQLContext } from './context.js';
import { auditEventsOf } from './lists/definitions.js';
import { fetchPage } from './lists/page.js';
import { typed } from './loaders.js';

@Resolver(() => AuditEvent)
export class AuditEventResolver {
  @Requires({ action: 'list', subject: 'AuditEvent', target: { from: 'none' } })
  @Query(() => AuditEventConnection, {
    nullable: true,
    description: 'The audit trail as far as the viewer may see it, newest first.',
  })
  auditEvents(
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Arg('filter', () => AuditEventFilter, { nullable: true }) filter?: AuditEventFilter,
    @Arg('orderBy', () => AuditEventOrder, { nullable: true }) orderBy?: AuditEventOrder,
  ): Promise<Page<StoredEvent>> {
    return fetchPage(context, auditEventsOf(context.deps.secrets), { paging, filter, orderBy }, info);
  }

  @FieldResolver(() => ID)
  id(@Root() event: StoredEvent): string {
    return toGlobalId('AuditEvent', event._id);
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: 'The user or client who acted, if still there and visible.',
  })
  actor(@Root() event: StoredEvent, @Ctx() context: GraphQLContext): Promise<Typed<object> | null> {
    const type = event.actorKind === 'user' ? 'User' : event.actorKind === 'client' ? 'Client' : null;
    return loadNode(context, type, event.actorId);
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: 'What was acted on, if still there and visible.',
  })
  object(@Root() event: StoredEvent, @Ctx() context: GraphQLContext): Promise<Typed<object> | null> {
    return loadNode(context, event.objectType, event.objectId);
  }

  @FieldResolver(() => String, { nullable: true })
  async reason(@Root() event: StoredEvent, @Ctx() { loaders }: GraphQLContext): Promise<string | null> {
    return (await loaders.openedEvents.load(event)).reason ?? null;
  }

  @FieldResolver(() => JsonObject, { nullable: true })
  async before(@Root() event: StoredEvent, @Ctx() { loaders }: GraphQLContext): Promise<object | null> {
    return valuesOf((await loaders.openedEvents.load(event)).before);
  }

  @FieldResolver(() => JsonObject, { nullable: true })
  async after(@Root() event: StoredEvent, @Ctx() { loaders }: GraphQLContext): Promise<object | null> {
    return valuesOf((await loaders.openedEvents.load(event)).after);
  }

  @FieldResolver(() => String, { nullable: true })
  async address(@Root() event: StoredEvent, @Ctx() { loaders }: GraphQLContext): Promise<string | null> {
    return (await loaders.openedEvents.load(event)).address ?? null;
  }

  @FieldResolver(() => String, { nullable: true })
  async userAgent(@Root() event: StoredEvent, @Ctx() { loaders }: GraphQLContext): Promise<string | null> {
    return (await loaders.openedEvents.load(event)).userAgent ?? null;
  }

  @FieldResolver(() => [String], { nullable: true })
  async erased(@Root() event: StoredEvent, @Ctx() { loaders }: GraphQLContext): Promise<readonly string[]> {
    return (await loaders.openedEvents.load(event)).erased;
  }

  @FieldResolver()
  viewerCan(@Root() event: StoredEvent, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'AuditEvent', event);
  }
}

function valuesOf(json: string | null | undefined): object | null {
  return json ? (JSON.parse(json) as object) : null;
}

async function loadNode(
  { loaders }: GraphQLContext,
  typeName: string | null | undefined,
  id: string | null | undefined,
): Promise<Typed<object> | null> {
  const type = NODE_TYPES.find((name) => name === typeName);
  if (!type || !id) return null;
  const node = await loaders.byGlobalId(toGlobalId(type, id));
  return node && typed(node);
}
