import { createUnionType, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { Session } from './Session.js';
import { User } from './User.js';
import { UserError } from './UserError.js';

export enum SessionMode {
  TOKENS = 'TOKENS',
  COOKIE = 'COOKIE',
}

registerEnumType(SessionMode, {
  name: 'SessionMode',
  valuesConfig: {
    TOKENS: { description: 'Answer with tokens of the first-party client; set no cookie.' },
    COOKIE: { description: 'Set the session cookie, which scripts cannot read; answer with no token.' },
  },
});

@PlainInput()
@InputType()
export class SignInInput {
  @Field(() => String, { description: 'E-mail address, phone or username.' })
  identifier!: string;

  @Field(() => String)
  password!: string;

  @Field(() => SessionMode, { defaultValue: SessionMode.TOKENS })
  session!: SessionMode;

  @Field(() => [String], {
    nullable: true,
    description: 'Narrows the tokens; absent: all that the user may have.',
  })
  scopes?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Replaces the password at once: the way on from `PasswordChangeRequired`.',
  })
  newPassword?: string | null;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'Shown once, stored nowhere in this form.' })
export class TokenSet {
  @Field(() => String)
  accessToken!: string;

  @Field(() => String, { description: '`Bearer`.' })
  tokenType!: string;

  @Field(() => Int)
  expiresInSeconds!: number;

  @Field(() => String, { nullable: true, description: 'Exchange it at `/oauth/token` or `/auth/refresh`.' })
  refreshToken!: string | null;

  @Field(() => String, { nullable: true })
  idToken!: string | null;

  @Field(() => [String])
  scopes!: string[];
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'The rest of this request is decided as this user.' })
export class SignedIn {
  @Field(() => User)
  user!: object;

  @Field(() => Session)
  session!: object;

  @Field(() => TokenSet, { nullable: true, description: 'Null when the session is kept in a cookie.' })
  tokens!: TokenSet | null;
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'The password is right; the e-mail address or phone is unconfirmed.',
})
export class ConfirmationRequired {
  @Field(() => String)
  message!: string;
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'The password is right and must be replaced: sign in again with `newPassword`.',
})
export class PasswordChangeRequired {
  @Field(() => String)
  message!: string;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'Nothing is judged until the lock ends.' })
export class AccountLocked {
  @Field(() => String)
  message!: string;

  @Field(() => Int, { nullable: true, description: 'Null when the lock has no end.' })
  retryAfterSeconds!: number | null;
}

/** A step on its way to the union says which one it is. */
export interface SignInStep {
  readonly __typename: 'SignedIn' | 'ConfirmationRequired' | 'PasswordChangeRequired' | 'AccountLocked';
}

export const SignInResult = createUnionType({
  name: 'SignInResult',
  description: 'What comes next. More steps may be added: treat an unknown one as "not signed in".',
  types: () => [SignedIn, ConfirmationRequired, PasswordChangeRequired, AccountLocked] as const,
  resolveType: (value) => (value as unknown as SignInStep).__typename,
});

@Structural()
@ObjectType({ simpleResolvers: true })
export class SignInPayload {
  @Field(() => SignInResult, { nullable: true })
  result!: SignInStep | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
