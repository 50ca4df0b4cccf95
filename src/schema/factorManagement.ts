import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Factor } from './Factor.js';
import { PlainInput, Structural } from './governance.js';
import { JsonObject } from './scalars.js';
import { User } from './User.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class BeginTotpEnrollmentInput {
  @Field(() => String, { defaultValue: 'Authenticator app' })
  name!: string;
}

@PlainInput()
@InputType()
export class ConfirmTotpEnrollmentInput {
  @Field(() => ID)
  factorId!: string;

  @Field(() => String, { description: 'That the app shows now.' })
  code!: string;
}

@PlainInput()
@InputType()
export class ConfirmEmailFactorInput {
  @Field(() => ID)
  factorId!: string;

  @Field(() => String, { description: 'Of the mail.' })
  code!: string;
}

@PlainInput()
@InputType()
export class ConfirmSmsFactorInput {
  @Field(() => ID)
  factorId!: string;

  @Field(() => String, { description: 'Of the message.' })
  code!: string;
}

@PlainInput()
@InputType()
export class AddPasskeyInput {
  @Field(() => String, { defaultValue: 'Passkey' })
  name!: string;

  @Field(() => JsonObject, { description: 'What `navigator.credentials.create` gave, as JSON.' })
  passkey!: Record<string, unknown>;
}

@PlainInput()
@InputType()
export class RenameFactorInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;
}

@PlainInput()
@InputType()
export class RemoveFactorInput {
  @Field(() => ID)
  id!: string;
}

@PlainInput()
@InputType()
export class RemoveUserFactorsInput {
  @Field(() => ID)
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Absent: every factor, with recovery codes and trusted browsers.',
  })
  factorId?: string | null;
}

@PlainInput()
@InputType()
export class ForgetTrustedDevicesInput {
  @Field(() => ID, { nullable: true, description: 'Absent: all of them.' })
  id?: string | null;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'Shown once: nothing of it can be read again.' })
export class BeginTotpEnrollmentPayload {
  @Field(() => ID, { nullable: true, description: 'For `confirmTotpEnrollment`, within 15 minutes.' })
  factorId!: string | null;

  @Field(() => String, { nullable: true, description: 'Base32, for apps that cannot scan.' })
  seed!: string | null;

  @Field(() => String, { nullable: true })
  otpauthUri!: string | null;

  @Field(() => String, { nullable: true, description: 'The URI as a QR code: an SVG document.' })
  qrCodeSvg!: string | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

/** What every finished enrolment answers with. */
@Structural()
@ObjectType({ simpleResolvers: true })
export class ConfirmTotpEnrollmentPayload {
  @Field(() => Factor, { nullable: true })
  factor!: Factor | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Come with the first factor and are shown once: for the day when the factors are gone.',
  })
  recoveryCodes!: readonly string[] | null;

  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ConfirmEmailFactorPayload extends ConfirmTotpEnrollmentPayload {}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ConfirmSmsFactorPayload extends ConfirmTotpEnrollmentPayload {}

@Structural()
@ObjectType({ simpleResolvers: true })
export class AddPasskeyPayload extends ConfirmTotpEnrollmentPayload {}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A code is on its way.' })
export class AddEmailFactorPayload {
  @Field(() => ID, { nullable: true, description: 'For the confirmation, within 15 minutes.' })
  factorId!: string | null;

  @Field(() => String, { nullable: true, description: 'Where the code goes, mostly hidden.' })
  hint!: string | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A code is on its way.' })
export class AddSmsFactorPayload extends AddEmailFactorPayload {}

@Structural()
@ObjectType({ simpleResolvers: true })
export class AddPasskeyOptionsPayload {
  @Field(() => JsonObject, {
    nullable: true,
    description:
      'What `navigator.credentials.create` needs, in the JSON form of WebAuthn Level 3; good for 5 minutes, once.',
  })
  options!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RenameFactorPayload {
  @Field(() => Factor, { nullable: true })
  factor!: Factor | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RemoveFactorPayload {
  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RemoveUserFactorsPayload {
  @Field(() => Int, { description: 'How many factors were removed.' })
  removedCount!: number;

  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RegenerateRecoveryCodesPayload {
  @Field(() => [String], { nullable: true, description: 'Ten, each good once. Shown once.' })
  recoveryCodes!: readonly string[] | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ForgetTrustedDevicesPayload {
  @Field(() => Int)
  forgottenCount!: number;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
