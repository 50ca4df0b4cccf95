import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { assertMayAdminister } from '../identity/escalation.js';
import { approveAssistedRecovery, requestAssistedRecovery } from '../identity/recovery/assistedRecovery.js';
import { assertNobodyBetween } from '../identity/sessions/ownHands.js';
import { userPrincipal } from '../identity/sessions/principal.js';
import { isInGoodStanding } from '../identity/sessions/standing.js';
import type { User } from '../models/user.js';
import { WHOLE } from '../policies/catalog.js';
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
      'The second of two administrators: ends every session, removes every factor and the password, and answers a password link to hand over.',
  })
  approveAssistedRecovery(
    @Arg('input', () => ApproveAssistedRecoveryInput) { id, requestId }: ApproveAssistedRecoveryInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ApproveAssistedRecoveryPayload> {
    return answer({ url: null, expiresAt: null, removedFactors: 0 }, async () => {
      const owner = await ownerToRecover(context, id);
      await assertRequesterStillMay(context, owner, requestId);
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
  assertNobodyBetween(principal);
  const owner = await loaders.users.load(fromGlobalId('User', id, ['id']));
  if (!owner) throw new AppError('NOT_FOUND', 'the user is gone');
  assertMayAdminister(deps, context.accessOf({ ...principal, token: null }), principal.id, owner);
  return owner;
}

/** Whoever asked must be who could ask now: a request outlives neither the account nor the role that it was made by. */
async function assertRequesterStillMay(
  context: GraphQLContext,
  owner: User,
  requestId: string,
): Promise<void> {
  const { deps, principal, loaders } = context;
  const request = await deps.models.assistedRecoveries.findOne({ _id: requestId, userId: owner._id }).lean();
  if (!request) return;
  const requester = await loaders.users.load(request.requestedBy);
  const now = deps.clock();
  if (requester && isInGoodStanding(requester, now)) {
    // In a session as good as this one: whether theirs was good enough was judged when they asked.
    const access = context.accessOf(userPrincipal(requester, principal.session, null, now));
    if (access.decide('recover', 'User', owner, WHOLE).allowed) {
      return assertMayAdminister(deps, access, requester._id, owner);
    }
  }
  throw new AppError('FORBIDDEN', `${request.requestedBy} could not ask for this recovery any more`, {
    publicMessage: 'Whoever asked for this recovery may not ask for it any more.',
  });
}
