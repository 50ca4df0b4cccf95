import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import type { Client as StoredClient } from '../models/client.js';
import type { User as StoredUser } from '../models/user.js';
import { viewerCan } from '../policies/viewerCan.js';
import { Client, ClientConnection, ClientFilter, ClientOrder } from '../schema/Client.js';
import type { Page } from '../schema/connection.js';
import { rawId, toGlobalId } from '../schema/globalId.js';
import { Public, Requires } from '../schema/governance.js';
import { PagingArgs } from '../schema/paging.js';
import { User } from '../schema/User.js';
import type { GraphQLContext } from './context.js';
import { CLIENTS } from './lists/definitions.js';
import { fetchPage } from './lists/page.js';

@Resolver(() => Client)
export class ClientResolver {
  @Public('answers only with a client that the viewer may see')
  @Query(() => Client, { nullable: true })
  client(
    @Ctx() { loaders }: GraphQLContext,
    @Arg('clientId', () => ID, { description: 'The `client_id` of OAuth, or the global id.' })
    clientId: string,
  ): Promise<StoredClient | null> {
    return loaders.clients.load(rawId('Client', clientId));
  }

  @Requires({ action: 'list', subject: 'Client', target: { from: 'none' } })
  @Query(() => ClientConnection, { nullable: true })
  clients(
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Arg('filter', () => ClientFilter, { nullable: true }) filter?: ClientFilter,
    @Arg('orderBy', () => ClientOrder, { nullable: true }) orderBy?: ClientOrder,
  ): Promise<Page<StoredClient>> {
    return fetchPage(context, CLIENTS, { paging, filter, orderBy }, info);
  }

  @FieldResolver(() => ID)
  id(@Root() client: StoredClient): string {
    return toGlobalId('Client', client._id);
  }

  @FieldResolver(() => String, { nullable: true })
  clientId(@Root() client: StoredClient): string {
    return client._id;
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: 'The user who registered it; null for the installation.',
  })
  owner(
    @Root() { ownerId }: StoredClient,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<StoredUser | null> | null {
    return ownerId ? loaders.users.load(ownerId) : null;
  }

  @FieldResolver()
  viewerCan(@Root() client: StoredClient, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'Client', client);
  }
}
