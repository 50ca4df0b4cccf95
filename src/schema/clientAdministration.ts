import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Client, ClientStatus, GrantType, TokenEndpointAuthMethod } from './Client.js';
import { ClientMetadataInput } from './clientMetadata.js';
import { PlainInput, Structural } from './governance.js';
import { DateTime } from './scalars.js';
import { UserError } from './UserError.js';

@PlainInput()
@InputType({ description: 'Metadata of RFC 7591 §2.' })
export class CreateClientInput extends ClientMetadataInput {
  @Field(() => String)
  name!: string;

  @Field(() => TokenEndpointAuthMethod, { nullable: true, description: 'Absent: `CLIENT_SECRET_BASIC`.' })
  tokenEndpointAuthMethod?: TokenEndpointAuthMethod | null;

  @Field(() => [GrantType])
  grantTypes!: GrantType[];
}

@PlainInput()
@InputType({ description: 'A key left out stays as it is; null clears it.' })
export class UpdateClientInput extends ClientMetadataInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => ClientStatus, { nullable: true })
  status?: ClientStatus | null;

  @Field(() => [GrantType], { nullable: true })
  grantTypes?: GrantType[] | null;
}

@PlainInput()
@InputType()
export class RotateClientSecretInput {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'How long the old secret works beside the new one; absent: not at all.',
  })
  graceSeconds?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Also ends every token of the client, for a secret that somebody else had; needs `revokeTokens` on it. Absent: tokens live on.',
  })
  revokeTokens?: boolean | null;
}

@PlainInput()
@InputType()
export class DeleteClientInput {
  @Field(() => ID)
  id!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class CreateClientPayload {
  @Field(() => Client, { nullable: true })
  client!: object | null;

  @Field(() => String, { nullable: true, description: 'Shown once; null for a client without a secret.' })
  secret!: string | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class UpdateClientPayload {
  @Field(() => Client, { nullable: true })
  client!: object | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class RotateClientSecretPayload {
  @Field(() => Client, { nullable: true })
  client!: object | null;

  @Field(() => String, { nullable: true, description: 'Shown once.' })
  secret!: string | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class DeleteClientPayload {
  @Field(() => ID, { nullable: true })
  deletedId!: string | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@PlainInput()
@InputType()
export class IssueRegistrationTokenInput {
  @Field(() => Int, { defaultValue: 1, description: 'How many clients may be registered with it.' })
  uses!: number;

  @Field(() => Int, { defaultValue: 86_400, description: 'How long it is good for, in seconds.' })
  ttlSeconds!: number;
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class IssueRegistrationTokenPayload {
  @Field(() => String, { nullable: true, description: 'Shown once.' })
  token!: string | null;

  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
