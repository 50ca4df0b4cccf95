import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from './connection.js';
import { Device } from './Device.js';
import { DateTimeFilter, IdFilter, OrderDirection, StringFilter } from './filters.js';
import { FilterOf, Governed, OrderOf, Public, Structural } from './governance.js';
import { Node } from './Node.js';
import { DateTime } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export const SessionViewerCan = viewerCanOf('Session', {
  revoke: 'End the session.',
});

@Structural()
@ObjectType({ simpleResolvers: true, description: 'Coarse, and only as good as the list of addresses.' })
export class Place {
  @Field(() => String, { nullable: true })
  city!: string | null;

  @Field(() => String, { nullable: true })
  country!: string | null;
}

/** The resolvers in `resolvers/SessionResolver` add user, client and refresh families. */
@Governed({
  actions: ['revoke'],
  paths: { user: 'userId', client: null, refreshFamilies: null, refreshFamily: null, current: null },
})
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'One sign-in of one user on one device.',
})
export class Session {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: 'The client through which the user signed in.' })
  clientId!: string | null;

  @Field(() => Device, { nullable: true })
  device!: Device;

  @Field(() => String, { nullable: true, description: 'Network address of the sign-in.' })
  address!: string;

  @Field(() => Place, { nullable: true, description: 'Where the address was thought to be at the sign-in.' })
  place!: Place | null;

  @Field(() => String, {
    nullable: true,
    description: 'Authentication context class (OpenID Connect Core §2).',
  })
  acr!: string;

  @Field(() => [String], { nullable: true, description: 'Authentication methods (RFC 8176).' })
  amr!: string[];

  @Field(() => DateTime, { nullable: true, description: 'When the user last proved who they are.' })
  authenticatedAt!: Date;

  @Field(() => DateTime, { nullable: true })
  lastUsedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'Over then, if not used before.' })
  idleExpiresAt!: Date;

  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date;

  @Field(() => DateTime, { nullable: true })
  revokedAt!: Date | null;

  @Field(() => String, { nullable: true })
  revokedReason!: string | null;

  @Field(() => DateTime, { nullable: true })
  createdAt!: Date;

  @Public('tells the viewer only what the viewer may do')
  @Field(() => SessionViewerCan)
  viewerCan!: object;
}

export const SessionConnection = connectionOf(Session, 'Session');

@FilterOf('Session')
@InputType()
export class SessionFilter {
  @Field(() => IdFilter, { nullable: true, description: 'Id of the user.' })
  user?: IdFilter | null;

  @Field(() => StringFilter, { nullable: true })
  clientId?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  address?: StringFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  lastUsedAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  expiresAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, { nullable: true, description: '`{ isNull: true }` for those not ended.' })
  revokedAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, { nullable: true })
  createdAt?: DateTimeFilter | null;

  @Field(() => [SessionFilter], { nullable: true })
  and?: SessionFilter[] | null;

  @Field(() => [SessionFilter], { nullable: true })
  or?: SessionFilter[] | null;
}

export enum SessionOrderField {
  CREATED_AT = 'createdAt',
  LAST_USED_AT = 'lastUsedAt',
}

registerEnumType(SessionOrderField, { name: 'SessionOrderField' });

@OrderOf('Session')
@InputType()
export class SessionOrder {
  @Field(() => SessionOrderField)
  field!: SessionOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  direction!: OrderDirection;
}
