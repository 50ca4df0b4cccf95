import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { cancelDeletion, scheduleDeletion } from '../identity/accounts/deletion.js';
import { exportAccountData } from '../identity/accounts/export.js';
import {
  CancelAccountDeletionPayload,
  DeleteAccountInput,
  DeleteAccountPayload,
  ExportAccountDataPayload,
} from '../schema/accountData.js';
import { Requires } from '../schema/governance.js';
import { viewerOf } from './become.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { RateLimited } from './limits/rateLimited.js';

@Resolver()
export class AccountDataResolver {
  @Requires({ action: 'delete', subject: 'User', target: { from: 'viewer' } })
  @RateLimited('signIn')
  @Mutation(() => DeleteAccountPayload, {
    nullable: true,
    description: 'The account is deleted after a time of grace.',
  })
  deleteAccount(
    @Arg('input', () => DeleteAccountInput) { password }: DeleteAccountInput,
    @Ctx() context: GraphQLContext,
  ): Promise<DeleteAccountPayload> {
    const userId = viewerOf(context)._id;
    return answer({ deletionScheduledAt: null }, async () => {
      const deletionScheduledAt = await scheduleDeletion(
        context.deps,
        { userId, password },
        actorOf(context),
        context.origin,
      );
      context.loaders.forget('User', userId);
      return { deletionScheduledAt };
    });
  }

  @Requires({ action: 'delete', subject: 'User', target: { from: 'viewer' } })
  @Mutation(() => CancelAccountDeletionPayload, {
    nullable: true,
    description: 'Keeps an account that waits for its deletion.',
  })
  cancelAccountDeletion(@Ctx() context: GraphQLContext): Promise<CancelAccountDeletionPayload> {
    const userId = viewerOf(context)._id;
    return answer({ cancelled: false }, async () => {
      await cancelDeletion(context.deps, { userId }, actorOf(context), context.origin);
      context.loaders.forget('User', userId);
      return { cancelled: true };
    });
  }

  @Requires({ action: 'export', subject: 'User', target: { from: 'viewer' } })
  @Mutation(() => ExportAccountDataPayload, {
    nullable: true,
    description: 'Everything kept about the account.',
  })
  exportAccountData(@Ctx() context: GraphQLContext): Promise<ExportAccountDataPayload> {
    const userId = viewerOf(context)._id;
    return answer({ data: null }, async () => ({
      data: await exportAccountData(context.deps, userId, context.origin),
    }));
  }
}
