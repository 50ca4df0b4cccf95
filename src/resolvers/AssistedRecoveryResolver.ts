import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { assertMayAdminister } from '../identity/escalation.js';
import { approveAssistedRecovery, requestAssistedRecovery } from '../identity/recovery/assistedRecovery.js';
import type { User } from '../models/user.js';
import {
  ApproveAssistedRecoveryInput,
  ApproveAssistedRecoveryPayload,
  RequestAssistedRecoveryInput,
  RequestAssistedRecoveryPayload,
} from '../schema/assistedRecovery.js';
import { fromGlobalId } from '../schema/globalId.js';
import { Requires } from '../schema/governance.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';

const RECOVER = {
  action: 'recover',
  subject: 'User',
  target: { from: 'argument', path: 'input.id' },
} as const;

@Resolver()
export class AssistedRecoveryResolver {
  @Requires(RECOVER)
  @Mutation(() => RequestAssistedRecoveryPayload, {
    nullable: true,
    description:
      'For an owner who lost every way in: the first of two administrators. The owner is written to.',
  })
  requestAssistedRecovery(
    @Arg('input', () => RequestAssistedRecoveryInput) { id, reason }: RequestAssistedRecoveryInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RequestAssistedRecoveryPayload> {
    return answer({ requestId: null, expiresAt: null }, async () => {
      const owner = await ownerToRecover(context, id);
      const wanted = { owner, reason };
      const { _id, expiresAt } = await requestAssistedRecovery(
        context.deps,
        wanted,
        actorOf(context),
        context.origin,
      );
      return { requestId: _id, expiresAt };
    });
  }

  @Requires(RECOVER)
  @Mutation(() => ApproveAssistedRecoveryPayload, {
    nullable: true,
    description:
      'The second of two administrators: ends every session, removes every factor, and answers a password link to hand over.',
  })
  approveAssistedRecovery(
    @Arg('input', () => ApproveAssistedRecoveryInput) { id, requestId }: ApproveAssistedRecoveryInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ApproveAssistedRecoveryPayload> {
    return answer({ url: null, expiresAt: null, removedFactors: 0 }, async () => {
      const owner = await ownerToRecover(context, id);
      const wanted = { owner, requestId };
      const approved = await approveAssistedRecovery(context.deps, wanted, actorOf(context), context.origin);
      context.loaders.forget('User', owner._id);
      return approved;
    });
  }
}

/** What is done to an account is done by nobody who has fewer rights than it. */
async function ownerToRecover(context: GraphQLContext, id: string): Promise<User> {
  const { deps, principal, loaders } = context;
  const owner = await loaders.users.load(fromGlobalId('User', id, ['id']));
  if (!owner) throw new AppError('NOT_FOUND', 'the user is gone');
  assertMayAdminister(deps, context.accessOf({ ...principal, token: null }), principal.id, owner);
  return owner;
}
