import type { Deps, RunningSample } from '../identity/deps.js';
import type { AuditActor, RequestOrigin } from '../identity/ports.js';
import type { SignInContext } from '../identity/signIn/outcome.js';
import type { Confirmation } from '../identity/tokens/accessToken.js';
import type { Client } from '../models/client.js';
import type { Session } from '../models/session.js';
import type { User } from '../models/user.js';
import type { Access } from '../policies/decision.js';
import type { Principal } from '../policies/principal.js';
import type { Policy } from '../policies/rule.js';
import type { DecisionWatch, KeptRefusal } from './guard/asked.js';
import type { Loaders } from './loaders.js';

/** Who a request is, and what that gives. Signing in or out replaces it for the rest of the request. */
export interface Identity {
  principal: Principal;
  /** Decides by the one policy version that the request took at its start. */
  access: Access;
  viewer: User | null;
  client: Client | null;
  session: Session | null;
}

export interface GraphQLContext extends Identity {
  readonly deps: Deps;
  readonly origin: RequestOrigin;
  readonly loaders: Loaders;
  /** What a sign-in that begins in this request is bound to. */
  readonly signInContext: SignInContext;
  /** What new tokens will be bound to; null: bearer tokens. @throws AppError INVALID_DPOP_PROOF, USE_DPOP_NONCE */
  readonly proveSender: () => Promise<Confirmation | null>;
  readonly reply: {
    setSessionCookie(value: string): void;
    clearSessionCookie(): void;
    setTrustedDevice(value: string): void;
    setKnownDevice(value: string): void;
  };
  /** Compiles the rights of another principal under the policy version of this request. */
  readonly accessOf: (principal: Principal) => Access;
  /** The policy version that decides this request. */
  readonly policy: Policy;
  /** Where the decisions of this request are recorded; null for most. */
  readonly sample?: RunningSample | null;
  /** Present only where the caller asked for explanations and may have them, and while a mask is made. */
  readonly watch?: DecisionWatch;
  /** What was refused so far, by what it says; absent until something is. */
  refusals?: Map<string, KeptRefusal>;
}

/** The principal as an actor of audit events. */
export function actorOf({ principal, session }: Pick<GraphQLContext, 'principal' | 'session'>): AuditActor {
  return {
    kind: principal.kind,
    id: principal.id,
    clientId: principal.token?.clientId ?? null,
    sessionId: session?._id ?? principal.session?.id ?? null,
  };
}
