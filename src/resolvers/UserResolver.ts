import type { GraphQLResolveInfo } from 'graphql';
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { AppError } from '../errors.js';
import { normalizeEmail, normalizePhone, normalizeUsername } from '../identity/accounts/contact.js';
import type { User as StoredUser } from '../models/user.js';
import { viewerCan } from '../policies/viewerCan.js';
import { ClientConnection } from '../schema/Client.js';
import type { Page } from '../schema/connection.js';
import { rawId, toGlobalId } from '../schema/globalId.js';
import { Public, Requires } from '../schema/governance.js';
import { PagingArgs } from '../schema/paging.js';
import { Role } from '../schema/Role.js';
import { SessionConnection } from '../schema/Session.js';
import { User, UserConnection } from '../schema/User.js';
import { UserFilter, UserOrder } from '../schema/userLists.js';
import type { GraphQLContext } from './context.js';
import { CLIENTS, SESSIONS, USERS } from './lists/definitions.js';
import { fetchPage } from './lists/page.js';

@ArgsType()
class UserLookup {
  @Field(() => ID, { nullable: true })
  id?: string | null;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  phone?: string | null;

  @Field(() => String, { nullable: true })
  username?: string | null;
}

@Resolver(() => User)
export class UserResolver {
  @Public('answers only with the viewer; null for nobody and for clients')
  @Query(() => User, { nullable: true, description: 'The signed-in user.' })
  viewer(@Ctx() { viewer }: GraphQLContext): StoredUser | null {
    return viewer;
  }

  @Public('answers only with a user that the viewer may see, found by a field that the viewer may read')
  @Query(() => User, { nullable: true, description: 'By exactly one of the arguments.' })
  async user(
    @Ctx() context: GraphQLContext,
    @Args(() => UserLookup) lookup: UserLookup,
  ): Promise<StoredUser | null> {
    const { key, value } = onlyKey(lookup);
    const user = await findUser(context, key, value);
    // Found by a hidden field: an answer would tell what the field holds.
    return user && context.access.decide('read', 'User', user, key).allowed ? user : null;
  }

  @Requires({ action: 'list', subject: 'User', target: { from: 'none' } })
  @Query(() => UserConnection, { nullable: true, description: 'The users that the viewer may see.' })
  users(
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Arg('filter', () => UserFilter, { nullable: true }) filter?: UserFilter,
    @Arg('orderBy', () => UserOrder, { nullable: true }) orderBy?: UserOrder,
  ): Promise<Page<StoredUser>> {
    return fetchPage(context, USERS, { paging, filter, orderBy }, info);
  }

  @FieldResolver(() => ID)
  id(@Root() user: StoredUser): string {
    return toGlobalId('User', user._id);
  }

  @FieldResolver(() => [Role], {
    nullable: true,
    description: 'The roles that hold now and that the viewer may see.',
  })
  async roles(@Root() user: StoredUser, @Ctx() context: GraphQLContext): Promise<object[]> {
    const now = context.deps.clock();
    const names = user.roleAssignments
      .filter(
        ({ validFrom, validUntil }) => (!validFrom || validFrom <= now) && (!validUntil || validUntil > now),
      )
      .map(({ role }) => role);
    const roles = await context.loaders.roles.loadMany([...new Set(names)]);
    return roles.flatMap((role) => {
      if (role instanceof Error) throw role;
      return role ?? [];
    });
  }

  @FieldResolver(() => SessionConnection, { nullable: true })
  sessions(
    @Root() user: StoredUser,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
  ): Promise<object> {
    return fetchPage(context, SESSIONS, { paging, within: { userId: user._id, revokedAt: null } }, info);
  }

  @FieldResolver(() => ClientConnection, {
    nullable: true,
    description: 'The clients that the user registered.',
  })
  clients(
    @Root() user: StoredUser,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
    @Args(() => PagingArgs) paging: PagingArgs,
  ): Promise<object> {
    return fetchPage(context, CLIENTS, { paging, within: { ownerId: user._id } }, info);
  }

  @FieldResolver()
  viewerCan(@Root() user: StoredUser, @Ctx() { access }: GraphQLContext): object {
    return viewerCan(access, 'User', user);
  }
}

type LookupKey = 'id' | 'email' | 'phone' | 'username';

function onlyKey(lookup: UserLookup): { key: LookupKey; value: string } {
  const given = Object.entries(lookup).filter(([, value]) => value !== null && value !== undefined);
  const [only, ...others] = given as [LookupKey, string][];
  if (!only || others.length > 0) {
    throw new AppError('BAD_USER_INPUT', 'not exactly one lookup key', {
      publicMessage: 'Give exactly one of `id`, `email`, `phone` and `username`.',
    });
  }
  return { key: only[0], value: only[1] };
}

function findUser(
  { loaders, deps }: GraphQLContext,
  key: LookupKey,
  value: string,
): Promise<StoredUser | null> {
  const find = async (stored: Partial<StoredUser>) => deps.models.users.findOne(stored).lean();
  const ways: Record<LookupKey, () => Promise<StoredUser | null>> = {
    id: () => loaders.users.load(rawId('User', value)),
    email: () => find({ emailNormalized: normalizeEmail(value) }),
    phone: () => find({ phone: normalizePhone(value, deps.config.sms.defaultCountry) }),
    username: () => find({ usernameNormalized: normalizeUsername(value) }),
  };
  return ways[key]();
}
