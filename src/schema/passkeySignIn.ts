import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { JsonObject } from './scalars.js';
import { SignInResult, type SignInStep } from './signIn.js';
import { SessionMode } from './signInInputs.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class SignInByPasskeyInput {
  @Field(() => JsonObject, { description: 'What `navigator.credentials.get` gave, as JSON.' })
  passkey!: Record<string, unknown>;

  @Field(() => SessionMode, { defaultValue: SessionMode.TOKENS })
  session!: SessionMode;

  @Field(() => [String], { nullable: true, description: 'As for `signIn`.' })
  scopes?: string[] | null;

  @Field(() => String, { nullable: true, description: 'The level to reach: `aal1`, `aal2` or `phr`.' })
  acr?: string | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class BeginPasskeySignInPayload {
  @Field(() => JsonObject, {
    nullable: true,
    description:
      'What `navigator.credentials.get` needs, in the JSON form of WebAuthn Level 3; good for 5 minutes, once.',
  })
  options!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class SignInByPasskeyPayload {
  @Field(() => SignInResult, { nullable: true })
  result!: SignInStep | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
