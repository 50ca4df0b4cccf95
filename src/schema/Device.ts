import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Structural } from './governance.js';

export enum DeviceKind {
  DESKTOP = 'desktop',
  MOBILE = 'mobile',
  TABLET = 'tablet',
  CLI = 'cli',
  OTHER = 'other',
}

registerEnumType(DeviceKind, { name: 'DeviceKind' });

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'The device of a session, as its user agent describes it.',
})
export class Device {
  @Field(() => String, { description: '"Chrome on Windows", or the name that the user gave.' })
  name!: string;

  @Field(() => DeviceKind)
  kind!: DeviceKind;

  @Field(() => String, { nullable: true })
  os!: string | null;

  @Field(() => String, { nullable: true })
  browser!: string | null;

  @Field(() => String)
  userAgent!: string;
}
