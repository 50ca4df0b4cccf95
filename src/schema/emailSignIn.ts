import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { SignInResult, type SignInStep } from './signIn.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class RequestEmailSignInInput {
  @Field(() => String, { description: 'The confirmed e-mail address of an account.' })
  email!: string;

  @Field(() => String, { nullable: true, description: 'The level to reach: `aal1`, `aal2` or `phr`.' })
  acr?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The solution of the CAPTCHA that was demanded (`CaptchaRequired`).',
  })
  captcha?: string | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RequestEmailSignInPayload {
  @Field(() => SignInResult, {
    nullable: true,
    description: '`FactorRequired` for every address, whether or not it is that of an account.',
  })
  result!: SignInStep | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
