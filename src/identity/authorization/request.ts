/** Where the answer stands (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode). */
export type Carrier = 'query' | 'fragment' | 'form_post';

/** How the answer travels to the client: as parameters, or as one signed JWT (JARM §2.3). */
export type ResponseMode = Carrier | `${Carrier}.jwt`;

/** What the client wants to be shown (OpenID Connect Core §3.1.2.1). */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account';

/** An authorization request that has been checked: client, redirect URI, scopes and challenge are as they must be. */
export interface AuthorizationRequest {
  readonly clientId: string;
  /** As the client named it: of a native app with the port of the moment. */
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly scopes: readonly string[];
  /** RFC 7636 §4.2, S256. */
  readonly codeChallenge: string;
  readonly prompts: readonly Prompt[];
  readonly state?: string;
  readonly nonce?: string;
  readonly maxAgeSeconds?: number;
  /** The user that the client expects, from `id_token_hint`. */
  readonly expectedUserId?: string;
  /** Typed ahead on the sign-in page. */
  readonly loginHint?: string;
  /** RFC 8707: what the tokens are for. */
  readonly resources?: readonly string[];
  /** RFC 9396. */
  readonly authorizationDetails?: readonly Record<string, unknown>[];
  /** OpenID Connect Core §5.5. */
  readonly claims?: Record<string, unknown>;
  /** In the order of preference. */
  readonly acrValues?: readonly string[];
  /** One of them or no answer (OpenID Connect Core §5.5.1.1). */
  readonly essentialAcrs?: readonly string[];
  readonly uiLocales?: readonly string[];
  /** RFC 9449 §10: thumbprint of the key that the code will be bound to. */
  readonly senderKey?: string;
}

/** What the person lets the client have, of all that was asked for. */
export interface Granted {
  readonly scopes: readonly string[];
  /** Claims left out of what the scopes and the `claims` parameter ask for. */
  readonly refusedClaims: readonly string[];
  readonly authorizationDetails: readonly Record<string, unknown>[];
  /** Of the consent that this rests on; absent: none was needed. */
  readonly consentRevision?: string;
}

/** What the person has done for one request so far, each bound to the session in which it was done. */
export interface Progress {
  /** The session that was opened or renewed by a sign-in for this request. */
  readonly signedIn?: string;
  /** The session whose account was chosen for this request. */
  readonly accountChosen?: string;
  /** The decision on this request. */
  readonly consent?: Granted & { readonly sessionId: string };
  /** The person said no. */
  readonly refused?: boolean;
}
