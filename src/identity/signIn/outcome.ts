import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import type { FactorKind } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import type { LetterDeps } from '../accounts/letters.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';

export type SignInDeps = LetterDeps & Pick<Deps, 'audit' | 'denylist' | 'logger' | 'metrics' | 'passwords'>;

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
  | { readonly kind: 'enrolmentRequired'; readonly requiredAcr: string; readonly transaction: string };

/** An answer to a factor. */
export type FactorAnswer =
  | { readonly code: string }
  | { readonly recoveryCode: string }
  | { readonly passkey: AuthenticationResponseJSON };
