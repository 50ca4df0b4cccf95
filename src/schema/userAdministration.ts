import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { UpdateProfileInput } from './profile.js';
import { RoleAssignmentInput } from './RoleAssignment.js';
import { DateTime, JsonObject } from './scalars.js';
import { User } from './User.js';
import { UserError } from './UserError.js';

/** What an update may make of the status; a lock has facts of its own (`lockUser`). */
export enum UserStatusChange {
  ACTIVE = 'active',
  DISABLED = 'disabled',
}

registerEnumType(UserStatusChange, { name: 'UserStatusChange' });

@PlainInput()
@InputType()
export class CreateUserInput extends UpdateProfileInput {
  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  phone?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Taken as confirmed, without a mail.' })
  emailVerified?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  phoneVerified?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Absent: the user sets one by a password reset.' })
  password?: string | null;

  @Field(() => Boolean, { nullable: true })
  mustChangePassword?: boolean | null;

  @Field(() => [String], { nullable: true, description: 'Absent: the default roles.' })
  roles?: string[] | null;

  @Field(() => JsonObject, { nullable: true })
  attributes?: Record<string, unknown> | null;
}

@PlainInput()
@InputType({ description: 'A key left out stays as it is; null clears it.' })
export class UpdateUserInput extends UpdateProfileInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  phone?: string | null;

  @Field(() => Boolean, { nullable: true })
  emailVerified?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  phoneVerified?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  mustChangePassword?: boolean | null;

  @Field(() => UserStatusChange, { nullable: true, description: 'Locks go through `lockUser`.' })
  status?: UserStatusChange | null;

  @Field(() => JsonObject, { nullable: true })
  attributes?: Record<string, unknown> | null;
}

@PlainInput()
@InputType()
export class SetUserRolesInput {
  @Field(() => ID)
  id!: string;

  @Field(() => [RoleAssignmentInput], { description: 'Replaces all roles held.' })
  roles!: RoleAssignmentInput[];
}

@PlainInput()
@InputType()
export class LockUserInput {
  @Field(() => ID)
  id!: string;

  @Field(() => DateTime, { nullable: true, description: 'Absent: until unlocked.' })
  until?: Date | null;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@PlainInput()
@InputType()
export class UnlockUserInput {
  @Field(() => ID)
  id!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class CreateUserPayload {
  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class UpdateUserPayload {
  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class SetUserRolesPayload {
  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class LockUserPayload {
  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class UnlockUserPayload {
  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
