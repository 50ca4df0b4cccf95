import { createUnionType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { EnrolmentRequired, FactorRequired } from './factorSteps.js';
import { Structural } from './governance.js';
import { Session } from './Session.js';
import { JsonObject } from './scalars.js';
import { User } from './User.js';
import { UserError } from './UserError.js';

@Structural()
@ObjectType({ simpleResolvers: true, description: 'Shown once, stored nowhere in this form.' })
export class TokenSet {
  @Field(() => String)
  accessToken!: string;

  @Field(() => String, { description: '`Bearer`, or `DPoP` where the request came with a proof.' })
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

  @Field(() => [String], {
    nullable: true,
    description: 'Where a first factor was set up on the way: shown once, for the day when it is gone.',
  })
  recoveryCodes!: readonly string[] | null;
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

export enum CaptchaProvider {
  PROOF_OF_WORK = 'proofOfWork',
  TURNSTILE = 'turnstile',
  HCAPTCHA = 'hcaptcha',
  RECAPTCHA = 'recaptcha',
}

registerEnumType(CaptchaProvider, {
  name: 'CaptchaProvider',
  valuesConfig: {
    PROOF_OF_WORK: {
      description: 'The program computes for a moment, as ALTCHA does; nobody else is asked.',
    },
    TURNSTILE: { description: 'Cloudflare Turnstile.' },
    HCAPTCHA: { description: 'hCaptcha.' },
    RECAPTCHA: { description: 'Google reCAPTCHA.' },
  },
});

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'Too much fails from this network: sign in again with `captcha`.',
})
export class CaptchaRequired {
  @Field(() => CaptchaProvider)
  provider!: `${CaptchaProvider}`;

  @Field(() => String, { nullable: true, description: "For the provider's script." })
  siteKey!: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: 'The task of a proof of work, in the form of ALTCHA.',
  })
  task!: object | null;
}

/** A step on its way to the union says which one it is. */
export interface SignInStep {
  readonly __typename:
    | 'SignedIn'
    | 'FactorRequired'
    | 'EnrolmentRequired'
    | 'ConfirmationRequired'
    | 'PasswordChangeRequired'
    | 'AccountLocked'
    | 'CaptchaRequired';
}

export const SignInResult = createUnionType({
  name: 'SignInResult',
  description: 'What comes next. More steps may be added: treat an unknown one as "not signed in".',
  types: () =>
    [
      SignedIn,
      FactorRequired,
      EnrolmentRequired,
      ConfirmationRequired,
      PasswordChangeRequired,
      AccountLocked,
      CaptchaRequired,
    ] as const,
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

@Structural()
@ObjectType({ simpleResolvers: true })
export class ContinueSignInPayload {
  @Field(() => SignInResult, { nullable: true })
  result!: SignInStep | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}

@Structural()
@ObjectType({ simpleResolvers: true })
export class StepUpPayload {
  @Field(() => SignInResult, { nullable: true })
  result!: SignInStep | null;

  @Field(() => [UserError])
  userErrors!: UserError[];
}
