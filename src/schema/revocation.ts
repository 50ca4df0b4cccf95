import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { Session } from './Session.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class RevokeSessionInput {
  @Field(() => ID)
  id!: string;
}

@PlainInput()
@InputType({ description: 'Exactly one.' })
export class RevokeTokensInput {
  @Field(() => ID, { nullable: true, description: 'Every token and session of this user.' })
  user?: string | null;

  @Field(() => ID, { nullable: true, description: 'Every token of this client.' })
  client?: string | null;

  @Field(() => ID, { nullable: true, description: 'Every token of this session.' })
  session?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The refresh tokens of one grant, with the access tokens of its client in its session.',
  })
  refreshFamily?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'An access or refresh token as it was found somewhere: this one, or the grant behind it.',
  })
  token?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True: every token of the installation.' })
  everything?: boolean | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class SignOutPayload {
  @Field(() => Boolean)
  signedOut!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RevokeSessionPayload {
  @Field(() => Session, { nullable: true })
  session!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RevokeOtherSessionsPayload {
  @Field(() => Int, { description: 'How many sessions were ended.' })
  revokedCount!: number;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RevokeTokensPayload {
  @Field(() => Boolean)
  revoked!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
