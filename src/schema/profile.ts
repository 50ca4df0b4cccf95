import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { PostalAddressInput } from './PostalAddress.js';
import { User } from './User.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType({ description: 'A key left out stays as it is; null clears it.' })
export class UpdateProfileInput {
  @Field(() => String, { nullable: true })
  username?: string | null;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  givenName?: string | null;

  @Field(() => String, { nullable: true })
  familyName?: string | null;

  @Field(() => String, { nullable: true })
  nickname?: string | null;

  @Field(() => String, { nullable: true })
  picture?: string | null;

  @Field(() => String, { nullable: true })
  website?: string | null;

  @Field(() => String, { nullable: true })
  gender?: string | null;

  @Field(() => String, { nullable: true })
  birthdate?: string | null;

  @Field(() => String, { nullable: true })
  zoneinfo?: string | null;

  @Field(() => String, { nullable: true })
  locale?: string | null;

  @Field(() => PostalAddressInput, { nullable: true })
  address?: PostalAddressInput | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class UpdateProfilePayload {
  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@PlainInput()
@InputType()
export class ChangeEmailInput {
  @Field(() => String)
  newEmail!: string;
}

@PlainInput()
@InputType()
export class ChangePhoneInput {
  @Field(() => String)
  newPhone!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ChangeEmailPayload {
  @Field(() => Boolean, {
    description: 'The new address gets a mail to confirm; it changes with `confirmEmail`.',
  })
  accepted!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ChangePhonePayload {
  @Field(() => Boolean, { description: 'The new number gets a code; it changes with `confirmPhone`.' })
  accepted!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
