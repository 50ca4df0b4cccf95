import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from './connection.js';
import {
  DateTimeFilter,
  ExactStringFilter,
  enumFilterOf,
  OrderDirection,
  StringFilter,
  StringListFilter,
} from './filters.js';
import { FilterOf, Governed, OrderOf, Public } from './governance.js';
import { Node } from './Node.js';
import { DateTime, JsonObject } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export enum AuditOutcome {
  SUCCESS = 'success',
  DENIED = 'denied',
  FAILURE = 'failure',
}

registerEnumType(AuditOutcome, { name: 'AuditOutcome' });

export enum AuditActorKind {
  ANONYMOUS = 'anonymous',
  USER = 'user',
  CLIENT = 'client',
  SYSTEM = 'system',
}

registerEnumType(AuditActorKind, { name: 'AuditActorKind' });

export const AuditEventViewerCan = viewerCanOf('AuditEvent', {
  read: 'See that it exists.',
});

// What is personal is stored encrypted: no condition of a rule may name it.
@Governed({
  paths: {
    actor: null,
    object: null,
    reason: null,
    before: null,
    after: null,
    address: null,
    userAgent: null,
    erased: null,
  },
})
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'Who did what to which object, from where, and how it ended. Entries form hash chains.',
})
export class AuditEvent {
  @Field(() => ID)
  id!: string;

  @Field(() => DateTime, { nullable: true })
  at!: Date;

  @Field(() => String, {
    nullable: true,
    description: '`user.signIn`, `token.refresh`: kind of object, dot, verb.',
  })
  action!: string;

  @Field(() => AuditOutcome, { nullable: true })
  outcome!: AuditOutcome;

  @Field(() => String, { nullable: true, description: 'Why it was refused or failed.' })
  reason!: string | null;

  @Field(() => AuditActorKind, { nullable: true })
  actorKind!: AuditActorKind;

  @Field(() => String, { nullable: true, description: 'Stored id, kept when the actor is gone.' })
  actorId!: string | null;

  @Field(() => String, { nullable: true })
  clientId!: string | null;

  @Field(() => String, { nullable: true })
  sessionId!: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Who acted in the actor's name by an exchanged token, newest first: `client:<id>` or `user:<id>`.",
  })
  actedBy!: string[] | null;

  @Field(() => String, { nullable: true })
  objectType!: string | null;

  @Field(() => String, { nullable: true, description: 'Stored id, kept when the object is gone.' })
  objectId!: string | null;

  @Field(() => [String], { nullable: true, description: 'Names of the fields changed.' })
  fields!: string[];

  @Field(() => JsonObject, { nullable: true, description: 'Values before, without secrets.' })
  before!: object | null;

  @Field(() => JsonObject, { nullable: true, description: 'Values after, without secrets.' })
  after!: object | null;

  @Field(() => String, { nullable: true })
  address!: string | null;

  @Field(() => String, { nullable: true })
  userAgent!: string | null;

  @Field(() => String, { nullable: true })
  requestId!: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of the fields whose values were erased with the account that they belonged to.',
  })
  erased!: string[];

  @Field(() => Int, { nullable: true, description: 'How many like events this entry stands for.' })
  count!: number;

  @Field(() => String, { nullable: true, description: 'Each writer has its own chain.' })
  chain!: string;

  @Field(() => Int, { nullable: true })
  sequence!: number;

  @Field(() => String, { nullable: true })
  previousHash!: string;

  @Field(() => String, { nullable: true, description: 'Covers the entry and `previousHash`.' })
  hash!: string;

  @Public('tells the viewer only what the viewer may do')
  @Field(() => AuditEventViewerCan)
  viewerCan!: object;
}

export const AuditEventConnection = connectionOf(AuditEvent, 'AuditEvent');

const AuditOutcomeFilter = enumFilterOf(AuditOutcome, 'AuditOutcomeFilter');
const AuditActorKindFilter = enumFilterOf(AuditActorKind, 'AuditActorKindFilter');

@FilterOf('AuditEvent')
@InputType()
export class AuditEventFilter {
  @Field(() => DateTimeFilter, { nullable: true })
  at?: DateTimeFilter | null;

  @Field(() => StringFilter, { nullable: true })
  action?: StringFilter | null;

  @Field(() => AuditOutcomeFilter, { nullable: true })
  outcome?: object | null;

  @Field(() => AuditActorKindFilter, { nullable: true })
  actorKind?: object | null;

  @Field(() => StringFilter, { nullable: true, description: 'Stored or global id.' })
  actorId?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  clientId?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true, description: 'Stored or global id.' })
  sessionId?: StringFilter | null;

  @Field(() => StringListFilter, { nullable: true, description: '`client:<id>` or `user:<id>`.' })
  actedBy?: StringListFilter | null;

  @Field(() => StringFilter, { nullable: true })
  objectType?: StringFilter | null;

  @Field(() => StringFilter, { nullable: true, description: 'Stored or global id.' })
  objectId?: StringFilter | null;

  @Field(() => StringListFilter, { nullable: true })
  fields?: StringListFilter | null;

  @Field(() => ExactStringFilter, { nullable: true })
  address?: ExactStringFilter | null;

  @Field(() => StringFilter, { nullable: true })
  requestId?: StringFilter | null;

  @Field(() => [AuditEventFilter], { nullable: true })
  and?: AuditEventFilter[] | null;

  @Field(() => [AuditEventFilter], { nullable: true })
  or?: AuditEventFilter[] | null;
}

export enum AuditEventOrderField {
  AT = 'at',
}

registerEnumType(AuditEventOrderField, { name: 'AuditEventOrderField' });

@OrderOf('AuditEvent')
@InputType()
export class AuditEventOrder {
  @Field(() => AuditEventOrderField)
  field!: AuditEventOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  direction!: OrderDirection;
}
