import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { DateTime } from './scalars.js';

/** `role` is resolved by `resolvers/UserResolver`. */
@Structural()
@ObjectType({ simpleResolvers: true, description: 'A role held, possibly for a limited time.' })
export class RoleAssignment {
  @Field(() => String, { description: 'Name of the role.' })
  role!: string;

  @Field(() => DateTime, { nullable: true })
  validFrom!: Date | null;

  @Field(() => DateTime, { nullable: true })
  validUntil!: Date | null;
}

@PlainInput()
@InputType()
export class RoleAssignmentInput {
  @Field(() => String, { description: 'Name of the role.' })
  role!: string;

  @Field(() => DateTime, { nullable: true })
  validFrom?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The role gives nothing from then on.' })
  validUntil?: Date | null;
}
