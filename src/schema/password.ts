import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class RequestPasswordResetInput {
  @Field(() => String, { description: 'E-mail address, phone or username.' })
  identifier!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The solution of the CAPTCHA that was demanded (`extensions.captcha`, `CaptchaRequired`).',
  })
  captcha?: string | null;
}

@PlainInput()
@InputType({
  description: 'Either the `token` of the link, or `contact` with the `code`; each is good once.',
})
export class ResetPasswordInput {
  @Field(() => String, { nullable: true, description: 'From the mailed link.' })
  token?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The e-mail address or phone number that the message went to.',
  })
  contact?: string | null;

  @Field(() => String, { nullable: true, description: 'From the same message; it bears five tries.' })
  code?: string | null;

  @Field(() => String)
  newPassword!: string;
}

@PlainInput()
@InputType()
export class ChangePasswordInput {
  @Field(() => String)
  currentPassword!: string;

  @Field(() => String)
  newPassword!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RequestPasswordResetPayload {
  @Field(() => Boolean, { description: 'The same whether or not there is such an account.' })
  accepted!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ResetPasswordPayload {
  @Field(() => Boolean, { description: 'Every session of the account is over when true.' })
  changed!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ChangePasswordPayload {
  @Field(() => Boolean, { description: 'Every other session of the account is over when true.' })
  changed!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
