import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { beginPasskeySignIn } from '../identity/factors/passkeys.js';
import { signInByPasskey } from '../identity/signIn/passkeySignIn.js';
import { Public } from '../schema/governance.js';
import {
  BeginPasskeySignInPayload,
  SignInByPasskeyInput,
  SignInByPasskeyPayload,
} from '../schema/passkeySignIn.js';
import type { GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { RateLimited } from './limits/rateLimited.js';
import { answerStep, wantedOf } from './signInSteps.js';

@Resolver()
export class PasskeyResolver {
  @Public('this is how one gets rights')
  @RateLimited('signIn')
  @Mutation(() => BeginPasskeySignInPayload, {
    nullable: true,
    description: 'A challenge for whoever has a passkey of this site: no name is typed first.',
  })
  beginPasskeySignIn(@Ctx() { deps }: GraphQLContext): Promise<BeginPasskeySignInPayload> {
    return answer({ options: null }, async () => ({ options: await beginPasskeySignIn(deps, null) }));
  }

  @Public('this is how one gets rights')
  @RateLimited('signIn')
  @Mutation(() => SignInByPasskeyPayload, { nullable: true })
  signInByPasskey(
    @Arg('input', () => SignInByPasskeyInput) input: SignInByPasskeyInput,
    @Ctx() context: GraphQLContext,
  ): Promise<SignInByPasskeyPayload> {
    const passkey = input.passkey as unknown as AuthenticationResponseJSON;
    return answerStep(context, input, async (signIn) =>
      signInByPasskey(context.deps, { passkey, wanted: wantedOf(input) }, signIn),
    );
  }
}
