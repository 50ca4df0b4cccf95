import { Field, ID, ObjectType } from 'type-graphql';
import { Device } from './Device.js';
import { FactorKind } from './factorSteps.js';
import { Structural } from './governance.js';
import { DateTime } from './scalars.js';

/** Part of the account: whoever may read `User.factors` reads all of it. */
@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'Something beside the password by which a person proves who they are.',
})
export class Factor {
  @Field(() => ID)
  id!: string;

  @Field(() => FactorKind)
  kind!: `${FactorKind}`;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: 'Where a code goes, mostly hidden.' })
  hint!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Of a passkey: it may be on several devices at once.',
  })
  backedUp!: boolean | null;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true })
  lastUsedAt!: Date | null;
}

/** Part of the account, as factors are. */
@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'A browser that need not show a second factor for a while.',
})
export class TrustedDevice {
  @Field(() => ID)
  id!: string;

  @Field(() => Device)
  device!: object;

  @Field(() => String, { description: 'Network address from which it was trusted.' })
  address!: string;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime)
  lastUsedAt!: Date;

  @Field(() => DateTime)
  expiresAt!: Date;
}
