import { Field, ObjectType } from 'type-graphql';
import { Structural } from './governance.js';
import { PageInfo } from './PageInfo.js';
import { RuleRequirement } from './Role.js';
import { JsonObject } from './scalars.js';
import { User } from './User.js';

@Structural()
@ObjectType({ simpleResolvers: true })
export class RoleGrant {
  @Field(() => String)
  role!: string;

  @Field(() => String)
  ruleId!: string;

  @Field(() => JsonObject, { nullable: true })
  conditions!: object | null;

  @Field(() => RuleRequirement, { nullable: true })
  requires!: RuleRequirement | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class AccessHolder {
  @Field(() => User, { nullable: true })
  user!: object;

  @Field(() => [String], { description: 'The rules through which.' })
  ruleIds!: string[];

  @Field(() => RuleRequirement, { nullable: true, description: 'What the session must reach first.' })
  requirement!: RuleRequirement | null;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class AccessHolderEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => AccessHolder)
  node!: AccessHolder;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class AccessHolderConnection {
  @Field(() => [AccessHolderEdge])
  edges!: AccessHolderEdge[];

  @Field(() => [AccessHolder])
  nodes!: AccessHolder[];

  @Field(() => PageInfo, { description: 'A page may be short, even empty, and have a next one.' })
  pageInfo!: PageInfo;

  @Field(() => [RoleGrant], { description: 'Every role that may give it, and by which rule.' })
  roles!: RoleGrant[];
}
