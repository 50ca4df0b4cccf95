import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { Role, RuleEffect } from './Role.js';
import { JsonObject } from './scalars.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType()
export class RuleRequirementInput {
  @Field(() => String, { nullable: true })
  acr?: string | null;

  @Field(() => Int, { nullable: true })
  maxAgeSeconds?: number | null;
}

@PlainInput()
@InputType()
export class PolicyRuleInput {
  @Field(() => String, { description: 'Unique in its role.' })
  id!: string;

  @Field(() => RuleEffect, { defaultValue: RuleEffect.ALLOW })
  effect!: RuleEffect;

  @Field(() => [String])
  actions!: string[];

  @Field(() => String)
  subject!: string;

  @Field(() => [String])
  fields!: string[];

  @Field(() => JsonObject, { nullable: true })
  conditions?: Record<string, unknown> | null;

  @Field(() => RuleRequirementInput, { nullable: true })
  requires?: RuleRequirementInput | null;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@PlainInput()
@InputType()
export class CreateRoleInput {
  @Field(() => String, { description: 'Lower case letters, digits, `-`, `_`, `:`.' })
  name!: string;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => [String], { nullable: true })
  inherits?: string[] | null;

  @Field(() => [PolicyRuleInput], { nullable: true })
  rules?: PolicyRuleInput[] | null;
}

@PlainInput()
@InputType({ description: 'A key left out stays as it is.' })
export class UpdateRoleInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => [String], { nullable: true })
  inherits?: string[] | null;

  @Field(() => [PolicyRuleInput], { nullable: true })
  rules?: PolicyRuleInput[] | null;
}

@PlainInput()
@InputType()
export class DeleteRoleInput {
  @Field(() => ID)
  id!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class CreateRolePayload {
  @Field(() => Role, { nullable: true })
  role!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class UpdateRolePayload {
  @Field(() => Role, { nullable: true })
  role!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class DeleteRolePayload {
  @Field(() => ID, { nullable: true })
  deletedId!: string | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
