import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Governed, Public, Structural } from './governance.js';
import { RuleEffect, RuleRequirement } from './Role.js';
import { DateTime, JsonObject } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export enum PolicyLeg {
  USER = 'user',
  SCOPE = 'scope',
  CLIENT = 'client',
  ACTOR = 'actor',
}

registerEnumType(PolicyLeg, {
  name: 'PolicyLeg',
  description: 'The parts of the effective right, each of which must allow.',
});

export enum DecisionCode {
  ALLOWED = 'ALLOWED',
  FORBIDDEN = 'FORBIDDEN',
  STEP_UP_REQUIRED = 'STEP_UP_REQUIRED',
}

registerEnumType(DecisionCode, { name: 'DecisionCode' });

export enum DecidedBy {
  RIGHT = 'right',
  SIGHT = 'sight',
}

registerEnumType(DecidedBy, {
  name: 'DecidedBy',
  description: 'What was decisive: the right asked for, or the sight of the object (`read` of its `id`).',
});

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'How one rule of the deciding leg stands to the object and the session.',
})
export class RuleJudgement {
  @Field(() => String, { description: 'With its role or scope: `hr/readNames`.' })
  ruleId!: string;

  @Field(() => RuleEffect)
  effect!: RuleEffect;

  @Field(() => Boolean, { description: 'Whether it matches, what it requires of the session included.' })
  counts!: boolean;

  @Field(() => JsonObject, { nullable: true })
  conditions!: object | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: 'The part of the conditions that does not hold; null where all hold.',
  })
  failing!: object | null;

  @Field(() => RuleRequirement, {
    nullable: true,
    description: 'What it requires of the session and the session does not reach.',
  })
  unmet!: RuleRequirement | null;
}

export const DecisionViewerCan = viewerCanOf('Decision', {
  explain: 'Have decisions explained, and ask about the rights of others.',
});

@Governed({ actions: ['explain'], paths: { type: 'subject', rules: null } })
@ObjectType({
  simpleResolvers: true,
  description:
    'A refusal with its reasons, kept for a day under the id that the error named. It does not say who asked, nor about which object.',
})
export class Decision {
  @Field(() => ID)
  id!: string;

  @Field(() => DateTime, { nullable: true })
  at!: Date;

  @Field(() => String, { nullable: true, description: 'Of the request, as in the log and the audit trail.' })
  requestId!: string;

  @Field(() => Int, { nullable: true, description: 'How often the request was refused the same.' })
  count!: number;

  @Field(() => String, { nullable: true })
  action!: string;

  @Field(() => String, { nullable: true })
  type!: string;

  @Field(() => String, { nullable: true, description: '`*` stands for the act as a whole.' })
  field!: string;

  @Field(() => DecisionCode, { nullable: true })
  code!: DecisionCode;

  @Field(() => PolicyLeg, { nullable: true })
  leg!: PolicyLeg;

  @Field(() => String, { nullable: true, description: 'The rule that refused; null where none allows.' })
  ruleId!: string | null;

  @Field(() => Int, { nullable: true })
  policyVersion!: number;

  @Field(() => String, { nullable: true })
  remedy!: string | null;

  @Field(() => DecidedBy, { nullable: true })
  decidedBy!: DecidedBy;

  @Field(() => [RuleJudgement], {
    nullable: true,
    description: 'The rules of the deciding leg that spoke of it.',
  })
  rules!: RuleJudgement[];

  @Field(() => String, { nullable: true, description: '`user` or `client`.' })
  principalKind!: string;

  @Field(() => [String], { nullable: true, description: 'The roles that were held.' })
  roles!: string[];

  @Field(() => [String], { nullable: true, description: 'Of the token; null for a session cookie.' })
  scopes!: string[] | null;

  @Field(() => String, { nullable: true })
  clientId!: string | null;

  @Field(() => String, { nullable: true, description: 'How strongly the session was authenticated.' })
  acr!: string | null;

  @Public('tells the viewer only what the viewer may do')
  @Field(() => DecisionViewerCan)
  viewerCan!: object;
}
