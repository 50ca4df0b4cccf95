import type { JWK, JWTPayload } from 'jose';
import type { Config } from '../config/schema.js';
import type { Models } from '../models/models.js';
import type { Catalog } from '../policies/catalog.js';
import type { Access } from '../policies/decision.js';
import type { Principal } from '../policies/principal.js';
import type { Policy, RoleDefinition, ScopeDefinition } from '../policies/rule.js';
import type { EphemeralStore } from '../stores/ephemeral.js';
import type { DecisionLog } from './decisions.js';
import type {
  AuditActor,
  AuditTrail,
  Clock,
  Logger,
  MailTransport,
  MessageDispatcher,
  Metrics,
  SmsTransport,
} from './ports.js';
import type { Places } from './risk/places.js';

/** Hashes and verifies passwords in the thread pool behind a bounded queue. @throws AppError UNAVAILABLE when it is full */
export interface PasswordHasher {
  /** argon2id with the configured parameters, as a PHC string. */
  hash(password: string): Promise<string>;
  /**
   * `hash` null (unknown user, no password): spends the time of a real check and answers false.
   * `needsRehash`: the hash is of another scheme (bcrypt, scrypt, pbkdf2) or of other parameters than configured.
   */
  verify(hash: string | null, password: string): Promise<{ matches: boolean; needsRehash: boolean }>;
}

/** What the master key gives: authenticated encryption at rest and keys derived for one purpose each (HKDF). */
export interface SecretBox {
  encrypt(plaintext: string, context: string): string;
  /** @throws AppError INTERNAL when the text was not made with this key and context */
  decrypt(ciphertext: string, context: string): string;
  /** 32 bytes, the same for the same purpose for ever, whatever becomes of the master key. */
  derive(purpose: string): Uint8Array;
}

/** The signing keys, in memory, kept in step with the database. */
export interface KeyRing {
  /**
   * Signs with the current key of the algorithm, absent: of `tokens.algorithm`; sets `alg` and `kid`.
   * @throws AppError UNAVAILABLE when this installation has no key for the algorithm (`signingAlgorithms`)
   */
  sign(payload: JWTPayload, header: { typ: string; algorithm?: string | null | undefined }): Promise<string>;
  /**
   * Verifies signature, algorithm, `iss`, `exp`, `nbf` and `typ` with a key of this installation.
   * @throws AppError INVALID_TOKEN
   */
  verify(token: string, expected: { typ: string; audience?: string }): Promise<JWTPayload>;
  /** RFC 7517 set of next, current and retired public keys; the same object while they are the same: read it only. */
  publicJwks(): { keys: JWK[] };
  /**
   * For every algorithm, the next key becomes current, the current one retires, a new next one is made. With
   * `discardOld` the retired keys verify nothing any more, from now on; else until the last token they signed has
   * expired.
   */
  rotate(options?: { discardOld?: boolean }): Promise<void>;
}

/**
 * Early revocation of access tokens, answered from memory, kept in step between replicas, true after a restart.
 * A `jti` and a `sid` mark refuse for ever; the others, and `sid` with the id `<sid>:<client id>`, refuse what was
 * issued until then, so that a fresh sign-in works.
 */
export interface Denylist {
  isDenied(token: {
    jti: string;
    sid?: string | undefined;
    sub: string;
    clientId: string;
    /** With a fraction: tokens are told apart by the millisecond. */
    issuedAtSeconds: number;
  }): boolean;
  /**
   * The time, in epoch milliseconds, to issue a token at that is authorised now: later than every mark that this
   * process knows of the subject and the client, also when another replica's clock runs ahead. Take it BEFORE the
   * checks that authorise the token, so that a mark set during them refuses it.
   */
  issuanceTimeMilliseconds(token: { sid?: string | undefined; sub: string; clientId: string }): number;
  /**
   * Stored and known to this process when it resolves, to the others within a second. `id` is ignored for `everything`.
   * `issuedBefore`: what was issued until then, absent: until now.
   */
  deny(
    kind: 'jti' | 'sid' | 'user' | 'client' | 'everything',
    id: string,
    issuedBefore?: Date,
  ): Promise<void>;
}

/** What a new version of the policy consists of. */
export interface PolicyDraft {
  readonly roles: readonly RoleDefinition[];
  readonly scopes: readonly ScopeDefinition[];
}

/** The policy in force. */
export interface PolicySource {
  /** What rules may name. */
  readonly catalog: Catalog;
  /** The version that decides from now on; a request takes it once and keeps it. */
  current(): Policy;
  /** Takes over what was published elsewhere. */
  reload(): Promise<void>;
  /**
   * Publishes what `change` makes of the newest version, as the next one. `change` runs again when somebody else was
   * faster, so it must check all it relies on; what it throws ends the attempt. This process decides by the new version
   * when it resolves, the others within a second.
   */
  publish(change: (newest: Policy) => PolicyDraft, by: AuditActor, comment: string): Promise<Policy>;
}

/** The decisions of one request, being recorded. */
export interface RunningSample {
  /** The access to hand out in place of the given one. */
  watch(access: Access): Access;
  /** Hands over what was asked; `operation` is the name that the request gave it. */
  end(operation: string | null): void;
}

/** Records the decisions of a share of the requests, without personal data, to replay them under a draft. */
export interface PolicySampler {
  /** Null for a request that is not recorded. `at` is the time that its access decides by. */
  begin(
    policy: Policy,
    catalog: Catalog,
    principal: Principal,
    clientScopes: readonly string[] | null,
    at: Date,
  ): RunningSample | null;
  /** Resolves when all that was recorded so far is stored, or lost. */
  flush(): Promise<void>;
}

/** All that use cases may need. A use case declares the slice it takes: `Pick<Deps, 'models' | 'clock'>`. */
export interface Deps {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly models: Models;
  readonly ephemeral: EphemeralStore;
  readonly audit: AuditTrail;
  readonly mail: MailTransport;
  readonly sms: SmsTransport;
  /** Where use cases hand over what `mail` and `sms` shall send. */
  readonly messages: MessageDispatcher;
  readonly passwords: PasswordHasher;
  readonly secrets: SecretBox;
  readonly keys: KeyRing;
  readonly denylist: Denylist;
  readonly policy: PolicySource;
  readonly samples: PolicySampler;
  readonly decisions: DecisionLog;
  readonly places: Places;
}
