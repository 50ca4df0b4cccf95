import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { requestEmailChange, requestPhoneChange } from '../identity/accounts/changeContact.js';
import { updateProfile } from '../identity/accounts/profile.js';
import { assertMayChangeFactors } from '../identity/factors/mayChange.js';
import { assertNoRecoveryCooldown } from '../identity/recovery/cooldown.js';
import { assertMoreThanMailbox } from '../identity/recovery/moreThanMailbox.js';
import { Requires } from '../schema/governance.js';
import {
  ChangeEmailInput,
  ChangeEmailPayload,
  ChangePhoneInput,
  ChangePhonePayload,
  UpdateProfileInput,
  UpdateProfilePayload,
} from '../schema/profile.js';
import { viewerOf } from './become.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { givenOf } from './input.js';
import { RateLimited } from './limits/rateLimited.js';

@Resolver()
export class ProfileResolver {
  @Requires({ action: 'update', subject: 'User', target: { from: 'viewer' }, writes: { path: 'input' } })
  @Mutation(() => UpdateProfilePayload, { nullable: true })
  updateProfile(
    @Arg('input', () => UpdateProfileInput) input: UpdateProfileInput,
    @Ctx() context: GraphQLContext,
  ): Promise<UpdateProfilePayload> {
    const { deps, origin } = context;
    const userId = viewerOf(context)._id;
    return answer({ user: null }, async () => {
      const user = await updateProfile(deps, userId, givenOf(input), actorOf(context), origin);
      context.loaders.forget('User', userId);
      return { user };
    });
  }

  @Requires({ action: 'changeContact', subject: 'User', target: { from: 'viewer' } })
  @RateLimited('signUp')
  @Mutation(() => ChangeEmailPayload, {
    nullable: true,
    description:
      'The old address gets a notice. Needs a recent sign-in, of `aal2` where there is a second factor.',
  })
  changeEmail(
    @Arg('input', () => ChangeEmailInput) { newEmail }: ChangeEmailInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ChangeEmailPayload> {
    const userId = viewerOf(context)._id;
    return answer({ accepted: false }, async () => {
      await assertMayChangeContact(context, 'emailVerified');
      await requestEmailChange(context.deps, { userId, newEmail }, context.origin);
      return { accepted: true };
    });
  }

  @Requires({ action: 'changeContact', subject: 'User', target: { from: 'viewer' } })
  @RateLimited('signUp')
  @Mutation(() => ChangePhonePayload, {
    nullable: true,
    description:
      'The old number gets a notice. Needs a recent sign-in, of `aal2` where there is a second factor.',
  })
  changePhone(
    @Arg('input', () => ChangePhoneInput) { newPhone }: ChangePhoneInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ChangePhonePayload> {
    const userId = viewerOf(context)._id;
    return answer({ accepted: false }, async () => {
      await assertMayChangeContact(context, 'phoneVerified');
      await requestPhoneChange(context.deps, { userId, newPhone }, context.origin);
      return { accepted: true };
    });
  }
}

/**
 * Where letters go is where the account is won back: a session that somebody found open moves it nowhere, nor does
 * whoever has just recovered the account by a stolen mailbox, or signed in by it.
 */
async function assertMayChangeContact(
  context: GraphQLContext,
  confirmed: 'emailVerified' | 'phoneVerified',
): Promise<void> {
  const user = viewerOf(context);
  const { deps, principal } = context;
  const keeper = { userId: user._id, session: principal.session };
  await assertMayChangeFactors(deps, keeper, 'change your contacts');
  await assertMoreThanMailbox(deps, keeper);
  if (user[confirmed]) await assertNoRecoveryCooldown(deps, user._id);
}
