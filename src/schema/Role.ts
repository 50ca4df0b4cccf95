import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from './connection.js';
import { BooleanFilter, DateTimeFilter, OrderDirection, StringFilter, StringListFilter } from './filters.js';
import { FilterOf, Governed, OrderOf, Public, Structural } from './governance.js';
import { Node } from './Node.js';
import { DateTime, JsonObject } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export enum RuleEffect {
  ALLOW = 'allow',
  DENY = 'deny',
}

registerEnumType(RuleEffect, { name: 'RuleEffect' });

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'How strongly the session must be authenticated (RFC 9470).',
})
export class RuleRequirement {
  @Field(() => String, { nullable: true })
  acr!: string | null;

  @Field(() => Int, { nullable: true })
  maxAgeSeconds!: number | null;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'One right or refusal, as data.' })
export class PolicyRule {
  @Field(() => String)
  id!: string;

  @Field(() => RuleEffect)
  effect!: RuleEffect;

  @Field(() => [String])
  actions!: string[];

  @Field(() => String, { description: 'Name of a governed type of this schema.' })
  subject!: string;

  @Field(() => [String], { description: 'Fields of the subject; `*` stands for all.' })
  fields!: string[];

  @Field(() => JsonObject, {
    nullable: true,
    description: 'A query over fields of the subject, with `{{placeholders}}`.',
  })
  conditions!: Record<string, unknown> | null;

  @Field(() => RuleRequirement, { nullable: true })
  requires!: RuleRequirement | null;

  @Field(() => String, { nullable: true })
  reason!: string | null;
}

export const RoleViewerCan = viewerCanOf('Role', {
  update: 'Change at least one field.',
  delete: 'Delete the role.',
});

@Governed({
  paths: { name: '_id' },
  writable: ['name', 'description', 'inherits', 'rules'],
})
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'A named set of rules; it inherits those of other roles.',
})
export class Role {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  name!: string;

  @Field(() => String, { nullable: true })
  description!: string;

  @Field(() => [String], { nullable: true, description: 'Names of the roles whose rules hold too.' })
  inherits!: string[];

  @Field(() => [PolicyRule], { nullable: true })
  rules!: PolicyRule[];

  @Field(() => Boolean, {
    nullable: true,
    description: 'Comes with the release; cannot be changed or deleted.',
  })
  builtIn!: boolean;

  @Field(() => DateTime, { nullable: true })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true })
  updatedAt!: Date;

  @Public('tells the viewer only what the viewer may do')
  @Field(() => RoleViewerCan)
  viewerCan!: object;
}

export const RoleConnection = connectionOf(Role, 'Role');

@FilterOf('Role')
@InputType()
export class RoleFilter {
  @Field(() => StringFilter, { nullable: true })
  name?: StringFilter | null;

  @Field(() => StringListFilter, { nullable: true })
  inherits?: StringListFilter | null;

  @Field(() => BooleanFilter, { nullable: true })
  builtIn?: BooleanFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  createdAt?: DateTimeFilter | null;

  @Field(() => [RoleFilter], { nullable: true })
  and?: RoleFilter[] | null;

  @Field(() => [RoleFilter], { nullable: true })
  or?: RoleFilter[] | null;
}

export enum RoleOrderField {
  NAME = 'name',
  CREATED_AT = 'createdAt',
}

registerEnumType(RoleOrderField, { name: 'RoleOrderField' });

@OrderOf('Role')
@InputType()
export class RoleOrder {
  @Field(() => RoleOrderField)
  field!: RoleOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  direction!: OrderDirection;
}
