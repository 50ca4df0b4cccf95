import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType({ description: 'At least one of `email` and `phone`.' })
export class SignUpInput {
  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'With country code, or a number of the configured country.',
  })
  phone?: string | null;

  @Field(() => String, { nullable: true })
  username?: string | null;

  @Field(() => String)
  password!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  givenName?: string | null;

  @Field(() => String, { nullable: true })
  familyName?: string | null;

  @Field(() => String, { nullable: true, description: 'BCP 47 language tag.' })
  locale?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The solution of the CAPTCHA that was demanded (`extensions.captcha`, `CaptchaRequired`).',
  })
  captcha?: string | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class SignUpPayload {
  @Field(() => Boolean, {
    description:
      'A confirmation is on its way. The answer is the same when the contact already has an account.',
  })
  accepted!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
