import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from './connection.js';
import { Governed, Public } from './governance.js';
import { Node } from './Node.js';
import { PostalAddress } from './PostalAddress.js';
import { RoleAssignment } from './RoleAssignment.js';
import { DateTime, JsonObject } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export enum UserStatus {
  ACTIVE = 'active',
  LOCKED = 'locked',
  DISABLED = 'disabled',
}

registerEnumType(UserStatus, {
  name: 'UserStatus',
  valuesConfig: {
    LOCKED: { description: 'May not sign in until unlocked or until the lock ends.' },
    DISABLED: { description: 'May not sign in.' },
  },
});

export const UserViewerCan = viewerCanOf('User', {
  update: 'Change at least one field.',
  delete: 'Ask for the deletion of the account, or take it back.',
  lock: 'Lock the account.',
  unlock: 'Unlock the account.',
  setRoles: 'Replace the roles.',
  changePassword: 'Change the password, knowing the present one.',
  changeContact: 'Ask for another e-mail address or phone.',
  export: 'Export all data of the account.',
  revokeSessions: 'End other sessions.',
  revokeTokens: 'Revoke every token of the user.',
  revokeConsent: 'Take back what the user lets an app do.',
  manageFactors: 'Add, rename and remove second factors; a recent sign-in by one may be asked for.',
  recover: 'Give the account back to an owner who lost every way in; takes two people.',
  impersonate: 'Get a token of the user that names nobody else (RFC 8693 §1.1).',
});

/** A person's account. The resolvers in `resolvers/UserResolver` add what lies in other collections. */
@Governed({
  actions: [
    'lock',
    'unlock',
    'setRoles',
    'changePassword',
    'changeContact',
    'export',
    'revokeSessions',
    'revokeTokens',
    'revokeConsent',
    'manageFactors',
    'recover',
    'impersonate',
  ],
  paths: {
    roles: 'roleAssignments.role',
    sessions: null,
    clients: null,
    connectedApps: null,
    factors: null,
    recoveryCodesLeft: null,
    trustedDevices: null,
    securityEvents: null,
  },
  writable: [
    'username',
    'email',
    'phone',
    'password',
    'status',
    'roles',
    'attributes',
    'name',
    'givenName',
    'familyName',
    'nickname',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'address',
    'emailVerified',
    'phoneVerified',
    'mustChangePassword',
  ],
})
@ObjectType({ simpleResolvers: true, implements: Node, description: "A person's account." })
export class User {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  username!: string | null;

  @Field(() => String, { nullable: true })
  email!: string | null;

  @Field(() => Boolean, { nullable: true })
  emailVerified!: boolean;

  @Field(() => String, { nullable: true, description: 'E.164.' })
  phone!: string | null;

  @Field(() => Boolean, { nullable: true })
  phoneVerified!: boolean;

  @Field(() => UserStatus, { nullable: true })
  status!: UserStatus;

  @Field(() => [RoleAssignment], {
    nullable: true,
    description: 'The roles held, with the time for which they hold.',
  })
  roleAssignments!: RoleAssignment[];

  @Field(() => JsonObject, {
    nullable: true,
    description: 'Administered facts that policies may compare with.',
  })
  attributes!: Record<string, unknown>;

  @Field(() => String, { nullable: true })
  name!: string | null;

  @Field(() => String, { nullable: true })
  givenName!: string | null;

  @Field(() => String, { nullable: true })
  familyName!: string | null;

  @Field(() => String, { nullable: true })
  nickname!: string | null;

  @Field(() => String, { nullable: true })
  picture!: string | null;

  @Field(() => String, { nullable: true })
  website!: string | null;

  @Field(() => String, { nullable: true })
  gender!: string | null;

  @Field(() => String, { nullable: true })
  birthdate!: string | null;

  @Field(() => String, { nullable: true })
  zoneinfo!: string | null;

  @Field(() => String, { nullable: true })
  locale!: string | null;

  @Field(() => PostalAddress, { nullable: true })
  address!: PostalAddress | null;

  @Field(() => DateTime, { nullable: true })
  lockedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Null while locked without an end.' })
  lockedUntil!: Date | null;

  @Field(() => String, { nullable: true })
  lockReason!: string | null;

  @Field(() => DateTime, { nullable: true })
  lastSignInAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  passwordChangedAt!: Date | null;

  @Field(() => Boolean, { nullable: true, description: 'The next sign-in demands a new password.' })
  mustChangePassword!: boolean;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the account will be deleted, if that was asked for.',
  })
  deletionScheduledAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Tokens issued before are refused.' })
  tokensValidAfter!: Date | null;

  @Field(() => DateTime, { nullable: true })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true })
  updatedAt!: Date;

  @Public('tells the viewer only what the viewer may do')
  @Field(() => UserViewerCan)
  viewerCan!: object;
}

export const UserConnection = connectionOf(User, 'User');
