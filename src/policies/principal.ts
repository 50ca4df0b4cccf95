/** How strongly the running session was authenticated; see OpenID Connect Core §2 (acr, amr, auth_time). */
export interface SessionFacts {
  readonly id: string;
  readonly acr: string;
  readonly amr: readonly string[];
  /** Epoch seconds of the last time the user proved who they are. */
  readonly authTimeSeconds: number;
}

/** What the presented access token allows. Absent for a session cookie. */
export interface TokenFacts {
  readonly jti: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
}

/** The user or client behind a request. Built by `identity/`, judged by `policies/`; holds no secret. */
export interface Principal {
  readonly kind: 'anonymous' | 'user' | 'client';
  /** The user's id, the client's id, or null for the anonymous principal. */
  readonly id: string | null;
  /** Names of the roles held now (time limits applied), before inheritance. */
  readonly roles: readonly string[];
  /** Administered facts that conditions may compare with (`department`, `region`). */
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly session: SessionFacts | null;
  readonly token: TokenFacts | null;
  /** RFC 8693 §4.1: who acts for this principal. */
  readonly actor: Principal | null;
}

export const ANONYMOUS: Principal = {
  kind: 'anonymous',
  id: null,
  roles: [],
  attributes: {},
  session: null,
  token: null,
  actor: null,
};
