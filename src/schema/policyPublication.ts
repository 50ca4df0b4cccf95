import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { PolicyVersion } from './PolicyVersion.js';
import { CreateRoleInput, PolicyRuleInput } from './roleAdministration.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType({ description: 'Put in place of the role of this name; what is left out is empty.' })
export class PolicyDraftRole extends CreateRoleInput {}

@PlainInput()
@InputType({ description: 'Put in place of the scope of this name.' })
export class PolicyDraftScope {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => [PolicyRuleInput], { nullable: true })
  rules?: PolicyRuleInput[] | null;
}

@PlainInput()
@InputType({
  description:
    'What shall be otherwise in the policy. What it does not name stays; what is built in cannot be named.',
})
export class PolicyDraftInput {
  @Field(() => [PolicyDraftRole], { nullable: true })
  roles?: PolicyDraftRole[] | null;

  @Field(() => [PolicyDraftScope], { nullable: true })
  scopes?: PolicyDraftScope[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Roles that nobody holds and no other role inherits.',
  })
  removeRoles?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Scopes that no client may ask for.' })
  removeScopes?: string[] | null;
}

@PlainInput()
@InputType()
export class PublishPolicyInput {
  @Field(() => PolicyDraftInput)
  draft!: PolicyDraftInput;

  @Field(() => String)
  comment!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Needed for a draft that gives more than the installation lets pass without saying.',
  })
  acknowledgeWidening?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the draft was made for; refused if another is in force.',
  })
  basedOn?: number | null;
}

@PlainInput()
@InputType()
export class RollbackPolicyInput {
  @Field(() => Int)
  version!: number;

  @Field(() => String)
  comment!: string;

  @Field(() => Boolean, { nullable: true })
  acknowledgeWidening?: boolean | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class PublishPolicyPayload {
  @Field(() => PolicyVersion, { nullable: true })
  version!: object | null;

  @Field(() => [String], { description: 'What it changed, as sentences.' })
  changes!: string[];

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RollbackPolicyPayload extends PublishPolicyPayload {}
