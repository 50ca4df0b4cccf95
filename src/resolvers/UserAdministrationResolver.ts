import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Info, Mutation, Resolver } from 'type-graphql';
import { createUser, setUserRoles, updateUser } from '../identity/accounts/administration.js';
import { lockUser, unlockUser } from '../identity/accounts/administratorLock.js';
import { assertMayAdminister, assertMayGrantRoles, assertMayTakeRoles } from '../identity/escalation.js';
import type { RoleAssignment, User } from '../models/user.js';
import { fromGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import {
  CreateUserInput,
  CreateUserPayload,
  LockUserInput,
  LockUserPayload,
  SetUserRolesInput,
  SetUserRolesPayload,
  UnlockUserInput,
  UnlockUserPayload,
  UpdateUserInput,
  UpdateUserPayload,
} from '../schema/userAdministration.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { targetOf } from './guard/target.js';
import { givenOf, setOf } from './input.js';

const userId = (id: string) => fromGlobalId('User', id, ['id']);

function answerUser(context: GraphQLContext, act: () => Promise<User>): Promise<UpdateUserPayload> {
  return answer({ user: null }, async () => {
    const user = await act();
    context.loaders.forget('User', user._id);
    return { user };
  });
}

/** The same for an account that is there: what is done to it is done by nobody who has fewer rights than it. */
function administer(
  context: GraphQLContext,
  id: string,
  act: (id: string) => Promise<User>,
): Promise<UpdateUserPayload> {
  return answerUser(context, async () => {
    const { deps, principal, loaders } = context;
    const target = await loaders.users.load(userId(id));
    if (target) {
      assertMayAdminister(deps, context.accessOf({ ...principal, token: null }), principal.id, target);
    }
    return act(userId(id));
  });
}

@Resolver()
export class UserAdministrationResolver {
  @Requires({ action: 'create', subject: 'User', target: { from: 'none' }, writes: { path: 'input' } })
  @Mutation(() => CreateUserPayload, { nullable: true })
  createUser(
    @Arg('input', () => CreateUserInput) input: CreateUserInput,
    @Ctx() context: GraphQLContext,
  ): Promise<CreateUserPayload> {
    const { deps, origin } = context;
    return answerUser(context, () => {
      const given = setOf(input);
      assertMayGrantRoles(deps, context.access, given.roles ?? []);
      return createUser(deps, given, actorOf(context), origin);
    });
  }

  @Requires({
    action: 'update',
    subject: 'User',
    target: { from: 'argument', path: 'input.id' },
    writes: { path: 'input', ignore: ['id'] },
  })
  @Mutation(() => UpdateUserPayload, { nullable: true })
  updateUser(
    @Arg('input', () => UpdateUserInput) input: UpdateUserInput,
    @Ctx() context: GraphQLContext,
  ): Promise<UpdateUserPayload> {
    const { deps, origin } = context;
    const { id, ...patch } = givenOf(input);
    return administer(context, id, (userId) => updateUser(deps, { userId, patch }, actorOf(context), origin));
  }

  @Requires({ action: 'setRoles', subject: 'User', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => SetUserRolesPayload, {
    nullable: true,
    description: 'Nobody grants a right that they do not hold.',
  })
  setUserRoles(
    @Arg('input', () => SetUserRolesInput) input: SetUserRolesInput,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<SetUserRolesPayload> {
    const { deps, origin } = context;
    const { id, roles } = givenOf(input);
    return administer(context, id, (userId) => {
      const target = targetOf(info) as User;
      const { granted, ...change } = changeOfRoles(target.roleAssignments, roles, deps.clock());
      assertMayGrantRoles(deps, context.access, granted);
      assertMayTakeRoles(deps, context.access, change);
      return setUserRoles(deps, { userId, roles }, actorOf(context), origin);
    });
  }

  @Requires({ action: 'lock', subject: 'User', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => LockUserPayload, { nullable: true, description: 'Ends every session of the user.' })
  lockUser(
    @Arg('input', () => LockUserInput) input: LockUserInput,
    @Ctx() context: GraphQLContext,
  ): Promise<LockUserPayload> {
    const { deps, origin } = context;
    const { id, ...lock } = setOf(input);
    return administer(context, id, (userId) => lockUser(deps, { userId, ...lock }, actorOf(context), origin));
  }

  @Requires({ action: 'unlock', subject: 'User', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => UnlockUserPayload, { nullable: true })
  unlockUser(
    @Arg('input', () => UnlockUserInput) input: UnlockUserInput,
    @Ctx() context: GraphQLContext,
  ): Promise<UnlockUserPayload> {
    const { deps, origin } = context;
    return administer(context, input.id, (userId) => unlockUser(deps, { userId }, actorOf(context), origin));
  }
}

/**
 * The roles that the user gains, loses and keeps. What is held for another time than now is both lost and gained; what
 * stays the same is granted by nobody.
 */
function changeOfRoles(before: readonly RoleAssignment[], roles: readonly RoleAssignment[], now: Date) {
  const isOver = ({ validUntil }: RoleAssignment) => !!validUntil && validUntil <= now;
  const same = (one: RoleAssignment, other: RoleAssignment) =>
    one.role === other.role &&
    one.validFrom?.getTime() === other.validFrom?.getTime() &&
    one.validUntil?.getTime() === other.validUntil?.getTime();
  const isIn = (list: readonly RoleAssignment[]) => (role: RoleAssignment) =>
    list.some((other) => same(role, other));
  const namesOf = (list: readonly RoleAssignment[]) => list.map(({ role }) => role);
  return {
    granted: namesOf(roles.filter((role) => !isIn(before)(role))),
    taken: namesOf(before.filter((role) => !isOver(role) && !isIn(roles)(role))),
    kept: namesOf(before.filter(isIn(roles))),
    held: namesOf(roles),
  };
}
