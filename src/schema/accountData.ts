import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { DateTime, JsonObject } from './scalars.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class DeleteAccountInput {
  @Field(() => String, { description: 'The present password.' })
  password!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class DeleteAccountPayload {
  @Field(() => DateTime, {
    nullable: true,
    description: 'The account can be kept with `cancelAccountDeletion` until then.',
  })
  deletionScheduledAt!: Date | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class CancelAccountDeletionPayload {
  @Field(() => Boolean)
  cancelled!: boolean;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class ExportAccountDataPayload {
  @Field(() => JsonObject, {
    nullable: true,
    description: 'Everything kept about the account, without secrets.',
  })
  data!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
