import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import type { FactorKind } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import type { LetterDeps } from '../accounts/letters.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';

export type SignInDeps = LetterDeps &
  Pick<Deps, 'audit' | 'denylist' | 'logger' | 'metrics' | 'passwords' | 'places' | 'policy'>;

/** What binds a sign-in to the browser or program in which it began. */
export interface SignInContext {
  readonly origin: RequestOrigin;
  readonly binding: string;
  /** The cookie of a trusted device, if there is one. */
  readonly trustedDevice?: string | undefined;
}

/** A way to go on, as the person is shown it; nothing of it is a secret. */
export interface FactorOption {
  readonly id: string;
  readonly kind: FactorKind | 'recoveryCode';
  readonly name: string;
  /** Where a code goes: `m•••@example.com`, `•••• 0123`. */
  readonly hint: string | null;
}

/** Enough is proved: `enter` lets the person in. */
export interface ProvedSignIn {
  readonly kind: 'proved';
  readonly user: User;
  readonly amr: readonly string[];
  readonly acr: string;
  /** The session to raise; null: one is to be opened. */
  readonly sessionId: string | null;
  /** For the cookie of a device that is trusted from now on. */
  readonly trustedDevice: string | null;
  /** Where a first factor was set up on the way: to be shown once. */
  readonly recoveryCodes: readonly string[] | null;
  /** Where the session of a token is raised: what the new tokens may have at most. */
  readonly tokenScopes: readonly string[] | null;
}

/** What can be set up during a sign-in. */
export type EnrolmentKind = FactorKind;

/** What the level must be at the end of a sign-in, beside what is demanded of the account. */
export interface WantedLevel {
  /** Where the sign-in leads to: it may demand a level. */
  readonly clientId?: string | undefined;
  /** Nothing less will do. */
  readonly requiredAcr?: string | undefined;
  /** In the order of preference; passed over where the account has no factor that reaches it. */
  readonly wishedAcrs?: readonly string[] | undefined;
}

export type SignInOutcome =
  | ProvedSignIn
  | {
      readonly kind: 'factorRequired';
      readonly transaction: string;
      readonly factors: readonly FactorOption[];
      /** The one that was chosen, with what it takes to answer. */
      readonly chosen: {
        readonly id: string;
        readonly challenge: PublicKeyCredentialRequestOptionsJSON | null;
      } | null;
      /** Whether the last answer was wrong. */
      readonly wrongAnswer: boolean;
    }
  /** The password is right and must be replaced before anything else. */
  | { readonly kind: 'passwordChangeRequired' }
  /** A level is demanded that no factor of the account reaches. */
  | {
      readonly kind: 'enrolmentRequired';
      readonly requiredAcr: string;
      readonly transaction: string;
      /** None where nothing may be set up on the way. */
      readonly kinds: readonly EnrolmentKind[];
      /** What was begun, shown once. */
      readonly setUp:
        | {
            readonly kind: 'totp';
            readonly seed: string;
            readonly otpauthUri: string;
            readonly qrCodeSvg: string;
          }
        | { readonly kind: 'webauthn'; readonly options: PublicKeyCredentialCreationOptionsJSON }
        /** A code is on its way; this is shown again after a wrong one. */
        | { readonly kind: 'email' | 'sms'; readonly hint: string | null }
        | null;
      readonly wrongAnswer: boolean;
    };

/** An answer to a factor. */
export type FactorAnswer =
  | { readonly code: string }
  | { readonly recoveryCode: string }
  | { readonly passkey: AuthenticationResponseJSON };
