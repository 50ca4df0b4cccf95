import { Field, InputType, registerEnumType } from 'type-graphql';
import { FactorKind } from './factorSteps.js';
import { PlainInput } from './governance.js';
import { JsonObject } from './scalars.js';

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

@PlainInput()
@InputType()
export class StepUpInput {
  @Field(() => String, { defaultValue: 'aal2', description: 'The level to reach: `aal2` or `phr`.' })
  acr!: string;
}
