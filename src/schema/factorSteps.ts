import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Structural } from './governance.js';
import { JsonObject } from './scalars.js';

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
  description:
    'A factor is due: choose one, unless one is chosen, then answer it, both with `continueSignIn`.',
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

  @Field(() => String, {
    nullable: true,
    description: 'After `enroll: EMAIL` or `SMS`: where the code went.',
  })
  hint!: string | null;

  @Field(() => Boolean, { description: 'The last answer was wrong.' })
  wrongAnswer!: boolean;
}
