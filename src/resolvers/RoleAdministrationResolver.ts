import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { createRole, deleteRole, updateRole } from '../identity/roles.js';
import { fromGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import {
  CreateRoleInput,
  CreateRolePayload,
  DeleteRoleInput,
  DeleteRolePayload,
  UpdateRoleInput,
  UpdateRolePayload,
} from '../schema/roleAdministration.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { setOf } from './input.js';

@Resolver()
export class RoleAdministrationResolver {
  @Requires({ action: 'create', subject: 'Role', target: { from: 'none' }, writes: { path: 'input' } })
  @Mutation(() => CreateRolePayload, {
    nullable: true,
    description: 'Nobody grants a right that they do not hold.',
  })
  createRole(
    @Arg('input', () => CreateRoleInput) input: CreateRoleInput,
    @Ctx() context: GraphQLContext,
  ): Promise<CreateRolePayload> {
    const { deps, access, origin } = context;
    return answer({ role: null }, async () => ({
      role: await createRole(deps, setOf(input), access, actorOf(context), origin),
    }));
  }

  @Requires({
    action: 'update',
    subject: 'Role',
    target: { from: 'argument', path: 'input.id' },
    writes: { path: 'input', ignore: ['id'] },
  })
  @Mutation(() => UpdateRolePayload, {
    nullable: true,
    description: 'Nobody grants a right that they do not hold.',
  })
  updateRole(
    @Arg('input', () => UpdateRoleInput) input: UpdateRoleInput,
    @Ctx() context: GraphQLContext,
  ): Promise<UpdateRolePayload> {
    const { deps, access, origin, loaders } = context;
    return answer({ role: null }, async () => {
      const { id, ...patch } = setOf(input);
      const name = fromGlobalId('Role', id, ['id']);
      const role = await updateRole(deps, { name, ...patch }, access, actorOf(context), origin);
      loaders.forget('Role', name);
      return { role };
    });
  }

  @Requires({ action: 'delete', subject: 'Role', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => DeleteRolePayload, {
    nullable: true,
    description: 'Only a role that nobody holds and that no role inherits.',
  })
  deleteRole(
    @Arg('input', () => DeleteRoleInput) { id }: DeleteRoleInput,
    @Ctx() context: GraphQLContext,
  ): Promise<DeleteRolePayload> {
    const { deps, origin, loaders } = context;
    return answer({ deletedId: null }, async () => {
      const name = fromGlobalId('Role', id, ['id']);
      await deleteRole(deps, name, actorOf(context), origin);
      loaders.forget('Role', name);
      return { deletedId: id };
    });
  }
}
