import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DecidedBy, DecisionCode, PolicyLeg, RuleJudgement } from './Decision.js';
import { PlainInput, Structural } from './governance.js';
import { RuleEffect, RuleRequirement } from './Role.js';
import { JsonObject } from './scalars.js';

export enum AccessOutcome {
  ALWAYS = 'always',
  CONDITIONAL = 'conditional',
}

registerEnumType(AccessOutcome, {
  name: 'AccessOutcome',
  description: '`CONDITIONAL` depends on the object, the session or the time.',
});

export enum PermissionCode {
  ALLOWED = 'ALLOWED',
  FORBIDDEN = 'FORBIDDEN',
  STEP_UP_REQUIRED = 'STEP_UP_REQUIRED',
  NOT_FOUND = 'NOT_FOUND',
}

registerEnumType(PermissionCode, {
  name: 'PermissionCode',
  description: '`NOT_FOUND`: missing or out of the sight of who asks.',
});

export enum MaskEffect {
  ALLOWED = 'ALLOWED',
  DENIED = 'DENIED',
  FILTERED = 'FILTERED',
}

registerEnumType(MaskEffect, { name: 'MaskEffect' });

@PlainInput()
@InputType({ description: 'Whose rights are asked about: a user or a client, in a session or with a token.' })
export class PrincipalInput {
  @Field(() => ID)
  id!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      'Of the token. Left out: a session for a user, every scope that it may ask for for a client.',
  })
  scopes?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'As if signed in now at this level; left out: at none.',
  })
  acr?: string | null;
}

@PlainInput()
@InputType()
export class PermissionCheck {
  @Field(() => String)
  action!: string;

  @Field(() => String, { description: 'Name of a governed type.' })
  type!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Left out: an act on the type, or an object that is not there yet.',
  })
  id?: string | null;

  @Field(() => String, { nullable: true, description: 'Left out: the object, or the act as a whole.' })
  field?: string | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class Permission {
  @Field(() => Boolean)
  allowed!: boolean;

  @Field(() => PermissionCode)
  code!: PermissionCode;

  @Field(() => String, { nullable: true })
  remedy!: string | null;

  @Field(() => RuleRequirement, { nullable: true })
  requirement!: RuleRequirement | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class DecisionOutcome {
  @Field(() => DecisionCode)
  code!: DecisionCode;

  @Field(() => PolicyLeg)
  leg!: PolicyLeg;

  @Field(() => String, { nullable: true })
  ruleId!: string | null;
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description:
    'A decision with its reasons; the reasons are null to whoever may not have decisions explained.',
})
export class AccessExplanation {
  @Field(() => DecisionCode)
  code!: DecisionCode;

  @Field(() => Int)
  policyVersion!: number;

  @Field(() => String, { nullable: true })
  remedy!: string | null;

  @Field(() => RuleRequirement, { nullable: true })
  requirement!: RuleRequirement | null;

  @Field(() => PolicyLeg, { nullable: true })
  leg!: PolicyLeg | null;

  @Field(() => String, { nullable: true })
  ruleId!: string | null;

  @Field(() => DecidedBy, { nullable: true })
  decidedBy!: DecidedBy | null;

  @Field(() => JsonObject, { nullable: true })
  failingCondition!: object | null;

  @Field(() => [RuleJudgement], { nullable: true })
  rules!: readonly RuleJudgement[] | null;

  @Field(() => DecisionOutcome, { nullable: true, description: 'What would stand without the rule.' })
  withoutRule!: DecisionOutcome | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class AccessRule {
  @Field(() => String)
  ruleId!: string;

  @Field(() => PolicyLeg)
  leg!: PolicyLeg;

  @Field(() => RuleEffect)
  effect!: RuleEffect;

  @Field(() => JsonObject, { nullable: true })
  conditions!: object | null;

  @Field(() => RuleRequirement, { nullable: true })
  requires!: RuleRequirement | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class AccessRight {
  @Field(() => String)
  type!: string;

  @Field(() => String, { description: '`*` is the act as a whole.' })
  field!: string;

  @Field(() => String)
  action!: string;

  @Field(() => AccessOutcome)
  outcome!: AccessOutcome;

  @Field(() => [AccessRule], {
    nullable: true,
    description: 'Null to whoever may not have decisions explained.',
  })
  rules!: AccessRule[] | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class MaskedPath {
  @Field(() => String, { description: 'Dots between levels, `*` for the places of a list.' })
  path!: string;

  @Field(() => MaskEffect)
  effect!: MaskEffect;

  @Field(() => Int)
  count!: number;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'What of a query somebody sees; never a value.' })
export class AccessMask {
  @Field(() => Int)
  policyVersion!: number;

  @Field(() => [MaskedPath])
  paths!: MaskedPath[];
}
