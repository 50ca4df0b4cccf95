import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Info, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { createClient, deleteClient, updateClient } from '../identity/clients/clients.js';
import { issueInitialAccessToken } from '../identity/clients/registration/initialAccess.js';
import { rotateClientSecret } from '../identity/clients/rotateClientSecret.js';
import {
  assertMayAdministerClient,
  assertMayGrantRoles,
  assertMayGrantScopes,
  assertMayTakeRoles,
} from '../identity/escalation.js';
import type { Client } from '../models/client.js';
import {
  CreateClientInput,
  CreateClientPayload,
  DeleteClientInput,
  DeleteClientPayload,
  IssueRegistrationTokenInput,
  IssueRegistrationTokenPayload,
  RotateClientSecretInput,
  RotateClientSecretPayload,
  UpdateClientInput,
  UpdateClientPayload,
} from '../schema/clientAdministration.js';
import { fromGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { targetOf } from './guard/target.js';
import { givenOf, setOf } from './input.js';
import { assertAllowed } from './judge.js';

/** The client that this mutation acts on. Judged by all that the actor holds, whatever part of it the token at hand lets through. */
function clientInReach(
  context: GraphQLContext,
  info: GraphQLResolveInfo,
  patch?: Readonly<Record<string, unknown>>,
): Client {
  const { deps, principal } = context;
  const target = targetOf(info) as Client | null;
  if (!target) throw new AppError('INTERNAL', `${info.fieldName} was let through without its client`);
  const standing = context.accessOf({ ...principal, token: null });
  assertMayAdministerClient(deps, standing, target, patch);
  return target;
}

const clientId = (id: string) => fromGlobalId('Client', id, ['id']);

@Resolver()
export class ClientAdministrationResolver {
  @Requires({ action: 'create', subject: 'Client', target: { from: 'none' }, writes: { path: 'input' } })
  @Mutation(() => CreateClientPayload, {
    nullable: true,
    description: 'A user who creates a client owns it.',
  })
  createClient(
    @Arg('input', () => CreateClientInput) input: CreateClientInput,
    @Ctx() context: GraphQLContext,
  ): Promise<CreateClientPayload> {
    const { deps, origin, viewer } = context;
    return answer({ client: null, secret: null }, () => {
      const given = setOf(input);
      assertMayGrantRoles(deps, context.access, given.roles ?? []);
      assertMayGrantScopes(deps, context.access, given.scopes ?? []);
      return createClient(deps, { ...given, ownerId: viewer?._id ?? null }, actorOf(context), origin);
    });
  }

  @Requires({
    action: 'update',
    subject: 'Client',
    target: { from: 'argument', path: 'input.id' },
    writes: { path: 'input', ignore: ['id'] },
  })
  @Mutation(() => UpdateClientPayload, { nullable: true })
  updateClient(
    @Arg('input', () => UpdateClientInput) input: UpdateClientInput,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<UpdateClientPayload> {
    const { deps, origin, loaders } = context;
    return answer({ client: null }, async () => {
      const { id, ...patch } = givenOf(input);
      const target = clientInReach(context, info, patch);
      const before = target.roles;
      const held = patch.roles === undefined ? before : (patch.roles ?? []);
      const kept = before.filter((role) => held.includes(role));
      assertMayGrantRoles(
        deps,
        context.access,
        held.filter((role) => !before.includes(role)),
      );
      const taken = before.filter((role) => !held.includes(role));
      assertMayTakeRoles(deps, context.access, { taken, kept, held });
      const addedScopes = (patch.scopes ?? []).filter((scope) => !target.scopes.includes(scope));
      assertMayGrantScopes(deps, context.access, addedScopes);
      const client = await updateClient(deps, clientId(id), patch, actorOf(context), origin);
      loaders.forget('Client', client._id);
      return { client };
    });
  }

  @Requires({ action: 'rotateSecret', subject: 'Client', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => RotateClientSecretPayload, { nullable: true })
  rotateClientSecret(
    @Arg('input', () => RotateClientSecretInput) input: RotateClientSecretInput,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RotateClientSecretPayload> {
    const { deps, origin, loaders } = context;
    return answer({ client: null, secret: null }, async () => {
      const { id, ...rotation } = setOf(input);
      const target = clientInReach(context, info);
      if (rotation.revokeTokens) assertAllowed(context, 'revokeTokens', 'Client', target);
      const rotated = await rotateClientSecret(
        deps,
        { clientId: clientId(id), ...rotation },
        actorOf(context),
        origin,
      );
      loaders.forget('Client', rotated.client._id);
      return rotated;
    });
  }

  @Requires({ action: 'delete', subject: 'Client', target: { from: 'argument', path: 'input.id' } })
  @Mutation(() => DeleteClientPayload, { nullable: true, description: 'Revokes every token of the client.' })
  deleteClient(
    @Arg('input', () => DeleteClientInput) { id }: DeleteClientInput,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<DeleteClientPayload> {
    const { deps, origin, loaders } = context;
    return answer({ deletedId: null }, async () => {
      clientInReach(context, info);
      await deleteClient(deps, clientId(id), actorOf(context), origin);
      loaders.forget('Client', clientId(id));
      return { deletedId: id };
    });
  }

  @Requires({ action: 'issueRegistrationToken', subject: 'Client', target: { from: 'none' } })
  @Mutation(() => IssueRegistrationTokenPayload, {
    nullable: true,
    description:
      'An initial access token (RFC 7591 §3): its holder may register clients at `/oauth/register`.',
  })
  issueRegistrationToken(
    @Arg('input', () => IssueRegistrationTokenInput) { uses, ttlSeconds }: IssueRegistrationTokenInput,
    @Ctx() context: GraphQLContext,
  ): Promise<IssueRegistrationTokenPayload> {
    const { deps, origin } = context;
    return answer({ token: null, expiresAt: null }, () =>
      issueInitialAccessToken(deps, { uses, ttlSeconds }, actorOf(context), origin),
    );
  }
}
