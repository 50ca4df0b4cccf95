import { Field, InputType, ObjectType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { DateTime } from './scalars.js';
import { User } from './User.js';
import { UserError } from './UserError.js';

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A scope that a person granted.' })
export class GrantedScope {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'In the words of the consent page.' })
  description!: string;
}

/** Part of the account: whoever may read `User.connectedApps` reads all of it. */
@Structural()
@ObjectType({ simpleResolvers: true, description: 'An app that a person lets act for them.' })
export class ConnectedApp {
  @Field(() => String)
  clientId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  logoUri!: string | null;

  @Field(() => String, { nullable: true })
  clientUri!: string | null;

  @Field(() => [GrantedScope])
  scopes!: GrantedScope[];

  @Field(() => [String], { description: 'Claims that the person left out, by their OpenID Connect names.' })
  refusedClaims!: string[];

  @Field(() => DateTime, { description: 'When the person last decided.' })
  grantedAt!: Date;
}

@PlainInput()
@InputType()
export class RevokeConsentInput {
  @Field(() => String)
  clientId!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RevokeConsentPayload {
  @Field(() => Boolean, { description: 'False: there was nothing to take back.' })
  revoked!: boolean;

  @Field(() => User, { nullable: true })
  user!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
