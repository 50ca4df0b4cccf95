import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from './connection.js';
import { OrderDirection } from './filters.js';
import { Governed, OrderOf, Public, Structural } from './governance.js';
import { Node } from './Node.js';
import { PolicyRule } from './Role.js';
import { DateTime } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export const PolicyVersionViewerCan = viewerCanOf('PolicyVersion', {
  publish: 'Publish a draft.',
  rollback: 'Publish this version again.',
  simulate: 'Replay recorded decisions under a draft.',
  suggest: 'Ask what somebody needs, by what they did.',
});

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A role as it stands in one version of the policy.' })
export class PolicyVersionRole {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  description!: string;

  @Field(() => [String])
  inherits!: string[];

  @Field(() => [PolicyRule])
  rules!: object[];

  @Field(() => Boolean)
  builtIn!: boolean;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A scope as it stands in one version of the policy.' })
export class PolicyVersionScope {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  description!: string;

  @Field(() => [PolicyRule])
  rules!: object[];
}

@Governed({
  actions: ['publish', 'rollback', 'simulate', 'suggest'],
  paths: { id: null, version: '_id', publisher: null, current: null, roles: null, scopes: null },
})
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'One published state of all roles and scopes. The highest version decides.',
})
export class PolicyVersion {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, { nullable: true })
  version!: number;

  @Field(() => String, { nullable: true })
  comment!: string;

  @Field(() => Node, {
    nullable: true,
    description: 'The user or client who published it; null for the installation itself, or if out of sight.',
  })
  publisher!: object | null;

  @Field(() => DateTime, { nullable: true })
  createdAt!: Date;

  @Field(() => Boolean, { nullable: true, description: 'Decides this very request.' })
  current!: boolean;

  @Field(() => [PolicyVersionRole], { nullable: true })
  roles!: object[];

  @Field(() => [PolicyVersionScope], { nullable: true })
  scopes!: object[];

  @Public('tells the viewer only what the viewer may do')
  @Field(() => PolicyVersionViewerCan)
  viewerCan!: object;
}

export const PolicyVersionConnection = connectionOf(PolicyVersion, 'PolicyVersion');

export enum PolicyVersionOrderField {
  CREATED_AT = 'createdAt',
}

registerEnumType(PolicyVersionOrderField, { name: 'PolicyVersionOrderField' });

@OrderOf('PolicyVersion')
@InputType()
export class PolicyVersionOrder {
  @Field(() => PolicyVersionOrderField)
  field!: PolicyVersionOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  direction!: OrderDirection;
}
