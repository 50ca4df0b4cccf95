import { createUnionType, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PlainInput, Structural } from './governance.js';
import { Session } from './Session.js';
import { JsonObject } from './scalars.js';
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

export enum FactorKind {
  TOTP = 'totp',
  WEBAUTHN = 'webauthn',
  EMAIL = 'email',
  SMS = 'sms',
  RECOVERY_CODE = 'recoveryCode',
}

registerEnumType(FactorKind, {
  name: 'FactorKind',
  valuesConfig: {
    TOTP: { description: 'An authenticator app (RFC 6238).' },
    WEBAUTHN: { description: 'A passkey or security key.' },
    EMAIL: { description: 'A code by e-mail.' },
    SMS: { description: 'A code by text message.' },
    RECOVERY_CODE: { description: 'One of the codes that were kept on paper.' },
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

  @Field(() => String, { nullable: true, description: 'The level to reach: `aal1`, `aal2` or `phr`.' })
  acr?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The solution of the CAPTCHA that was demanded (`extensions.captcha`, `CaptchaRequired`).',
  })
  captcha?: string | null;
}

@PlainInput()
@InputType({
  description:
    'Exactly one of: `factorId`, to choose a factor; `enroll`, to set one up; an answer to what was chosen or set up.',
})
export class ContinueSignInInput {
  @Field(() => String)
  transaction!: string;

  @Field(() => String, { nullable: true, description: 'Of `FactorRequired.factors`.' })
  factorId?: string | null;

  @Field(() => FactorKind, {
    nullable: true,
    description: 'Of `EnrolmentRequired.kinds`: sets a factor up on the way in.',
  })
  enroll?: FactorKind | null;

  @Field(() => String, { nullable: true, description: 'Of the app, the mail or the message.' })
  code?: string | null;

  @Field(() => String, { nullable: true })
  recoveryCode?: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: 'What `navigator.credentials.get`, or `create` for a key that is set up, gave, as JSON.',
  })
  passkey?: Record<string, unknown> | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Ask this browser for no second factor for a while. Takes `session: COOKIE`.',
  })
  trustThisDevice!: boolean;

  @Field(() => SessionMode, { defaultValue: SessionMode.TOKENS })
  session!: SessionMode;

  @Field(() => [String], { nullable: true, description: 'As for `signIn`.' })
  scopes?: string[] | null;
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

@Structural()
@ObjectType({ simpleResolvers: true, description: 'A way to prove oneself further.' })
export class FactorOption {
  @Field(() => String)
  id!: string;

  @Field(() => FactorKind)
  kind!: FactorKind;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: 'Where a code goes, mostly hidden.' })
  hint!: string | null;
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description: 'A second factor is due: choose one, then answer it, both with `continueSignIn`.',
})
export class FactorRequired {
  @Field(() => String, { description: 'For the next call of `continueSignIn`, and for that one only.' })
  transaction!: string;

  @Field(() => [FactorOption])
  factors!: FactorOption[];

  @Field(() => String, { nullable: true, description: 'The factor that was chosen; a code is on its way.' })
  chosen!: string | null;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      'Of a passkey: what `navigator.credentials.get` needs, in the JSON form of WebAuthn Level 3.',
  })
  challenge!: object | null;

  @Field(() => Boolean, { description: 'The last answer was wrong.' })
  wrongAnswer!: boolean;
}

@Structural()
@ObjectType({ simpleResolvers: true, description: 'An authenticator app that is being set up.' })
export class TotpSetUp {
  @Field(() => String, { description: 'Base32, for apps that cannot scan.' })
  seed!: string;

  @Field(() => String)
  otpauthUri!: string;

  @Field(() => String, { description: 'The URI as a QR code: an SVG document.' })
  qrCodeSvg!: string;
}

@Structural()
@ObjectType({
  simpleResolvers: true,
  description:
    'A level is demanded that no factor of the account reaches: choose one with `enroll`, then answer it, both with `continueSignIn`.',
})
export class EnrolmentRequired {
  @Field(() => String)
  requiredAcr!: string;

  @Field(() => String, { description: 'For the next call of `continueSignIn`, and for that one only.' })
  transaction!: string;

  @Field(() => [FactorKind], {
    description:
      'What reaches the level: one of them goes into `enroll`. None where a session runs: it sets factors up by the mutations for it.',
  })
  kinds!: FactorKind[];

  @Field(() => TotpSetUp, { nullable: true, description: 'After `enroll: TOTP`; shown once.' })
  totp!: TotpSetUp | null;

  @Field(() => JsonObject, {
    nullable: true,
    description: 'After `enroll: WEBAUTHN`: what `navigator.credentials.create` needs.',
  })
  passkeyOptions!: object | null;

  @Field(() => Boolean, { description: 'The last answer was wrong.' })
  wrongAnswer!: boolean;
}

@PlainInput()
@InputType()
export class StepUpInput {
  @Field(() => String, { defaultValue: 'aal2', description: 'The level to reach: `aal2` or `phr`.' })
  acr!: string;
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
