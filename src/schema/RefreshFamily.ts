import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Governed, Public } from './governance.js';
import { Node } from './Node.js';
import { DateTime } from './scalars.js';
import { viewerCanOf } from './viewerCan.js';

export const RefreshFamilyViewerCan = viewerCanOf('RefreshFamily', {
  read: 'See that it exists.',
});

@Governed({
  paths: { session: 'sessionId', user: 'userId', client: null, lastReplay: 'lastReplayAt' },
})
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'The refresh tokens that descend from one grant to one client in one session.',
})
export class RefreshFamily {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  clientId!: string;

  @Field(() => [String], { nullable: true })
  scopes!: string[];

  @Field(() => Int, { nullable: true, description: 'How often the token was exchanged for its successor.' })
  rotations!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How often the loser of a race was given the same successor again.',
  })
  replays!: number;

  @Field(() => DateTime, { nullable: true })
  rotatedAt!: Date;

  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date;

  @Field(() => DateTime, { nullable: true })
  revokedAt!: Date | null;

  @Field(() => String, { nullable: true })
  revokedReason!: string | null;

  @Field(() => DateTime, { nullable: true })
  createdAt!: Date;

  @Public('tells the viewer only what the viewer may do')
  @Field(() => RefreshFamilyViewerCan)
  viewerCan!: object;
}
