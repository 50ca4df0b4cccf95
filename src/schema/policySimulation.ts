import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { AuditActorKind } from './AuditEvent.js';
import { PlainInput, Structural } from './governance.js';
import { PolicyRightChange } from './policyDiff.js';
import { PolicyDraftInput } from './policyPublication.js';
import { PolicyRule } from './Role.js';
import { DateTime } from './scalars.js';

export enum SimulatedChange {
  ALLOWED = 'allowed',
  DENIED = 'denied',
}

registerEnumType(SimulatedChange, { name: 'SimulatedChange' });

@PlainInput()
@InputType()
export class SimulatePolicyInput {
  @Field(() => PolicyDraftInput)
  draft!: PolicyDraftInput;

  @Field(() => DateTime, { nullable: true, description: 'Absent: the newest requests on record.' })
  since?: Date | null;
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'How many recorded decisions the draft turns round, for one name.',
})
export class SimulationTally {
  @Field(() => String, { description: 'A role, a client id, or `read User.phone`.' })
  name!: string;

  @Field(() => Int)
  newlyAllowed!: number;

  @Field(() => Int)
  newlyDenied!: number;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class SimulationExample {
  @Field(() => SimulatedChange)
  change!: string;

  @Field(() => DateTime)
  at!: Date;

  @Field(() => String, { nullable: true, description: 'The name that the request gave its operation.' })
  operation!: string | null;

  @Field(() => AuditActorKind)
  kind!: string;

  @Field(() => [String])
  roles!: readonly string[];

  @Field(() => String, { nullable: true })
  clientId!: string | null;

  @Field(() => String)
  action!: string;

  @Field(() => String)
  subject!: string;

  @Field(() => String, { nullable: true })
  field!: string | null;
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'What a draft would have made of recorded decisions, and what it changes by its rules.',
})
export class PolicySimulation {
  @Field(() => Int, { description: 'Requests replayed.' })
  requests!: number;

  @Field(() => Int)
  decisions!: number;

  @Field(() => Int)
  newlyAllowed!: number;

  @Field(() => Int)
  newlyDenied!: number;

  @Field(() => Int, { description: 'Decisions that the draft makes by something that was not recorded.' })
  undecided!: number;

  @Field(() => [SimulationTally])
  byRole!: readonly SimulationTally[];

  @Field(() => [SimulationTally])
  byClient!: readonly SimulationTally[];

  @Field(() => [SimulationTally])
  byField!: readonly SimulationTally[];

  @Field(() => [SimulationExample])
  examples!: readonly SimulationExample[];

  @Field(() => [PolicyRightChange], { description: 'By the rules, whether or not anybody used them.' })
  rights!: readonly PolicyRightChange[];

  @Field(() => Boolean, { description: 'Whether publishing it needs `acknowledgeWidening`.' })
  needsAcknowledgement!: boolean;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A right held and not used, with the rule that gives it.' })
export class UnusedRight {
  @Field(() => String)
  role!: string;

  @Field(() => String)
  ruleId!: string;

  @Field(() => String)
  action!: string;

  @Field(() => String)
  subject!: string;

  @Field(() => [String])
  fields!: readonly string[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class PolicySuggestion {
  @Field(() => Int, { description: 'Requests on record that it is made from.' })
  requests!: number;

  @Field(() => Int)
  decisions!: number;

  @Field(() => Int, { description: 'Uses that the roles held now would not allow any more.' })
  unexplained!: number;

  @Field(() => [PolicyRule], { description: 'The smallest set of rules that would have sufficed.' })
  rules!: readonly object[];

  @Field(() => [UnusedRight])
  unused!: readonly UnusedRight[];
}
