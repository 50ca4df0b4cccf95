import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { changePassword, requestPasswordReset, resetPassword } from '../identity/accounts/passwords.js';
import { resetProofOf } from '../identity/accounts/resetProof.js';
import { Public, Requires } from '../schema/governance.js';
import {
  ChangePasswordInput,
  ChangePasswordPayload,
  RequestPasswordResetInput,
  RequestPasswordResetPayload,
  ResetPasswordInput,
  ResetPasswordPayload,
} from '../schema/password.js';
import { viewerOf } from './become.js';
import type { GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { RateLimited } from './limits/rateLimited.js';

@Resolver()
export class PasswordResolver {
  @Public('the answer tells nothing, and the link goes to the owner of the account only')
  @RateLimited('signUp')
  @Mutation(() => RequestPasswordResetPayload, { nullable: true })
  requestPasswordReset(
    @Arg('input', () => RequestPasswordResetInput) { identifier, captcha }: RequestPasswordResetInput,
    @Ctx() { deps, origin }: GraphQLContext,
  ): Promise<RequestPasswordResetPayload> {
    return answer({ accepted: false }, async () => {
      await requestPasswordReset(deps, { identifier, captcha }, origin);
      return { accepted: true };
    });
  }

  @Public('whoever has the link or code may use it')
  @RateLimited('signIn')
  @Mutation(() => ResetPasswordPayload, { nullable: true })
  resetPassword(
    @Arg('input', () => ResetPasswordInput) { newPassword, ...given }: ResetPasswordInput,
    @Ctx() { deps, origin }: GraphQLContext,
  ): Promise<ResetPasswordPayload> {
    return answer({ changed: false }, async () => {
      await resetPassword(deps, { ...resetProofOf(given), newPassword }, origin);
      return { changed: true };
    });
  }

  @Requires({ action: 'changePassword', subject: 'User', target: { from: 'viewer' } })
  @RateLimited('signIn')
  @Mutation(() => ChangePasswordPayload, {
    nullable: true,
    description: 'Ends every other session of the account.',
  })
  changePassword(
    @Arg('input', () => ChangePasswordInput) { currentPassword, newPassword }: ChangePasswordInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ChangePasswordPayload> {
    const { deps, origin, principal } = context;
    const userId = viewerOf(context)._id;
    return answer({ changed: false }, async () => {
      await changePassword(
        deps,
        { userId, currentPassword, newPassword, keepSessionId: principal.session?.id ?? null },
        origin,
      );
      context.loaders.forget('User', userId);
      return { changed: true };
    });
  }
}
