import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType({ description: 'Either the `token` of the mailed link, or `email` with the mailed `code`.' })
export class ConfirmEmailInput {
  @Field(() => String, { nullable: true })
  token?: string | null;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  code?: string | null;
}

@PlainInput()
@InputType()
export class ConfirmPhoneInput {
  @Field(() => String)
  phone!: string;

  @Field(() => String, { description: 'The code of the text message.' })
  code!: string;
}

@PlainInput()
@InputType({ description: 'Exactly one.' })
export class ResendConfirmationInput {
  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  phone?: string | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ConfirmEmailPayload {
  @Field(() => Boolean)
  confirmed!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ConfirmPhonePayload {
  @Field(() => Boolean)
  confirmed!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ResendConfirmationPayload {
  @Field(() => Boolean, { description: 'The same whether or not there is something to confirm.' })
  accepted!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
