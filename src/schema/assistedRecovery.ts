import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { DateTime } from './scalars.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class RequestAssistedRecoveryInput {
  @Field(() => ID, { description: 'Of the user.' })
  id!: string;

  @Field(() => String, { description: 'How the owner was recognised; audited.' })
  reason!: string;
}

@PlainInput()
@InputType()
export class ApproveAssistedRecoveryInput {
  @Field(() => ID, { description: 'Of the user.' })
  id!: string;

  @Field(() => String, { description: 'Of `requestAssistedRecovery`, by somebody else.' })
  requestId!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RequestAssistedRecoveryPayload {
  @Field(() => String, { nullable: true, description: 'For the other administrator.' })
  requestId!: string | null;

  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ApproveAssistedRecoveryPayload {
  @Field(() => String, { nullable: true, description: 'Sets a password, once; for the owner. Shown once.' })
  url!: string | null;

  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date | null;

  @Field(() => Int, { description: 'How many factors were removed.' })
  removedFactors!: number;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
