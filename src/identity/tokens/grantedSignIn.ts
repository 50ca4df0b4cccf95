import type { Session } from '../../models/session.js';

/** How and when somebody had signed in; null or absent: not known. */
interface SignIn {
  readonly acr?: string | null;
  readonly amr?: readonly string[] | null;
  readonly authenticatedAt?: Date | null;
}

/**
 * The session as it was when something was granted in it. What is made from that grant later tells of that sign-in
 * (OpenID Connect Core §12.2): whoever holds an old token gains nothing when its owner raises the session.
 */
export function asSignedIn(session: Session, { acr, amr, authenticatedAt }: SignIn): Session {
  return {
    ...session,
    acr: acr ?? session.acr,
    amr: [...(amr ?? session.amr)],
    authenticatedAt: authenticatedAt ?? session.authenticatedAt,
  };
}
