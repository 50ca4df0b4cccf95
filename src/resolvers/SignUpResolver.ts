import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../errors.js';
import { confirmEmail, confirmPhone, resendConfirmation } from '../identity/accounts/confirmations.js';
import { signUp } from '../identity/accounts/signUp.js';
import {
  ConfirmEmailInput,
  ConfirmEmailPayload,
  ConfirmPhoneInput,
  ConfirmPhonePayload,
  ResendConfirmationInput,
  ResendConfirmationPayload,
} from '../schema/confirmation.js';
import { Public } from '../schema/governance.js';
import { SignUpInput, SignUpPayload } from '../schema/signUp.js';
import type { GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { givenOf, setOf } from './input.js';
import { RateLimited } from './limits/rateLimited.js';

@Resolver()
export class SignUpResolver {
  @Public('nobody can be signed in before having an account')
  @RateLimited('signUp')
  @Mutation(() => SignUpPayload, {
    nullable: true,
    description: 'Opens an account; its contact must be confirmed.',
  })
  signUp(
    @Arg('input', () => SignUpInput) input: SignUpInput,
    @Ctx() { deps, origin }: GraphQLContext,
  ): Promise<SignUpPayload> {
    return answer({ accepted: false }, async () => {
      await signUp(deps, setOf(input), origin);
      return { accepted: true };
    });
  }

  @Public('whoever has the link or code may use it')
  @RateLimited('signIn')
  @Mutation(() => ConfirmEmailPayload, { nullable: true })
  confirmEmail(
    @Arg('input', () => ConfirmEmailInput) input: ConfirmEmailInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ConfirmEmailPayload> {
    return answer({ confirmed: false }, async () => {
      const user = await confirmEmail(context.deps, emailProof(input), context.origin);
      context.loaders.forget('User', user._id);
      return { confirmed: true };
    });
  }

  @Public('whoever has the code may use it')
  @RateLimited('signIn')
  @Mutation(() => ConfirmPhonePayload, { nullable: true })
  confirmPhone(
    @Arg('input', () => ConfirmPhoneInput) input: ConfirmPhoneInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ConfirmPhonePayload> {
    return answer({ confirmed: false }, async () => {
      const user = await confirmPhone(context.deps, givenOf(input), context.origin);
      context.loaders.forget('User', user._id);
      return { confirmed: true };
    });
  }

  @Public('the answer tells nothing, and the message goes to the owner of the contact only')
  @RateLimited('signUp')
  @Mutation(() => ResendConfirmationPayload, { nullable: true })
  resendConfirmation(
    @Arg('input', () => ResendConfirmationInput) input: ResendConfirmationInput,
    @Ctx() { deps, origin }: GraphQLContext,
  ): Promise<ResendConfirmationPayload> {
    return answer({ accepted: false }, async () => {
      await resendConfirmation(deps, setOf(input), origin);
      return { accepted: true };
    });
  }
}

function emailProof(input: ConfirmEmailInput): { token: string } | { email: string; code: string } {
  const { token, email, code } = setOf(input);
  if (token !== undefined && email === undefined && code === undefined) return { token };
  if (token === undefined && email !== undefined && code !== undefined) return { email, code };
  throw new AppError('BAD_USER_INPUT', 'neither a link nor a code', {
    publicMessage: 'Give either `token`, or `email` with `code`.',
  });
}
