import { Field, InputType, registerEnumType } from 'type-graphql';
import {
  BooleanFilter,
  DateTimeFilter,
  enumFilterOf,
  IdFilter,
  OrderDirection,
  StringFilter,
  StringListFilter,
} from './filters.js';
import { FilterOf, OrderOf } from './governance.js';
import { UserStatus } from './User.js';

const UserStatusFilter = enumFilterOf(UserStatus, 'UserStatusFilter');

@FilterOf('User')
@InputType({
  description: 'Every condition given must hold. Strings of contacts and usernames compare without case.',
})
export class UserFilter {
  @Field(() => IdFilter, { nullable: true })
  id?: IdFilter | null;

  @Field(() => StringFilter, { nullable: true })
  username?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  email?: StringFilter | null;

  @Field(() => BooleanFilter, { nullable: true })
  emailVerified?: BooleanFilter | null;

  @Field(() => StringFilter, { nullable: true })
  phone?: StringFilter | null;

  @Field(() => BooleanFilter, { nullable: true })
  phoneVerified?: BooleanFilter | null;

  @Field(() => UserStatusFilter, { nullable: true })
  status?: object | null;

  @Field(() => StringListFilter, { nullable: true, description: 'Names of roles held.' })
  roles?: StringListFilter | null;

  @Field(() => StringFilter, { nullable: true })
  name?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  familyName?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  locale?: StringFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  lastSignInAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  deletionScheduledAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  createdAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  updatedAt?: DateTimeFilter | null;

  @Field(() => [UserFilter], { nullable: true })
  and?: UserFilter[] | null;

  @Field(() => [UserFilter], { nullable: true })
  or?: UserFilter[] | null;
}

export enum UserOrderField {
  CREATED_AT = 'createdAt',
  EMAIL = 'email',
  USERNAME = 'username',
}

registerEnumType(UserOrderField, { name: 'UserOrderField' });

@OrderOf('User')
@InputType()
export class UserOrder {
  @Field(() => UserOrderField)
  field!: UserOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  direction!: OrderDirection;
}
