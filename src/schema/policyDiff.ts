import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Structural } from './governance.js';

export enum PolicyRightChangeKind {
  GAINED = 'gained',
  LOST = 'lost',
  CHANGED = 'changed',
}

registerEnumType(PolicyRightChangeKind, { name: 'PolicyRightChangeKind' });

export enum PolicyRightHolder {
  ROLE = 'role',
  SCOPE = 'scope',
}

registerEnumType(PolicyRightHolder, { name: 'PolicyRightHolder' });

@Structural()
@ObjectType({ simpleResolvers: true })
export class PolicyNameChanges {
  @Field(() => [String])
  added!: readonly string[];

  @Field(() => [String])
  removed!: readonly string[];

  @Field(() => [String])
  changed!: readonly string[];
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description:
    'A right that a role or scope has in one version and not, or under other conditions, in another.',
})
export class PolicyRightChange {
  @Field(() => PolicyRightChangeKind)
  kind!: string;

  @Field(() => PolicyRightHolder)
  holder!: string;

  @Field(() => String, { description: 'Of the role or scope.' })
  name!: string;

  @Field(() => String)
  action!: string;

  @Field(() => String)
  subject!: string;

  @Field(() => String, { description: '`*` is the act as a whole.' })
  field!: string;

  @Field(() => String, { nullable: true, description: 'When it held; null: never, empty: always.' })
  before!: string | null;

  @Field(() => String, { nullable: true })
  after!: string | null;

  @Field(() => String, { description: '"`auditor` can now read User.phone"' })
  text!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class PolicyDiff {
  @Field(() => Int)
  from!: number;

  @Field(() => Int)
  to!: number;

  @Field(() => PolicyNameChanges)
  roles!: PolicyNameChanges;

  @Field(() => PolicyNameChanges)
  scopes!: PolicyNameChanges;

  @Field(() => [PolicyRightChange])
  rights!: readonly PolicyRightChange[];

  @Field(() => String, { description: 'All of it, a sentence a line.' })
  text!: string;
}
