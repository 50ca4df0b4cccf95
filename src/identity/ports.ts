/** The current time. Injected everywhere, so that a test can move it. */
export type Clock = () => Date;

/** What `identity/` needs of a logger; pino satisfies it. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where a request came from, for audit, sessions and limits. */
export interface RequestOrigin {
  readonly requestId: string;
  /** The client's address after trusted proxies. */
  readonly address: string;
  readonly userAgent: string;
  /** Of the cookie by which an account knows this device. A secret: never logged or stored as it is. */
  readonly deviceToken?: string | undefined;
  /** Who acts by the request's token (`actedBy`); absent: nobody but its subject. */
  readonly actedBy?: readonly string[];
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Sends one mail. @throws AppError UNAVAILABLE when the transport refuses or does not answer. */
export interface MailTransport {
  send(mail: Mail): Promise<void>;
}

export interface Sms {
  /** E.164. */
  readonly to: string;
  readonly text: string;
}

/** Sends one message. @throws AppError UNAVAILABLE when the provider refuses or does not answer. */
export interface SmsTransport {
  send(sms: Sms): Promise<void>;
}

/**
 * Runs the sending of mails and messages beside the request, so that neither its time nor its failure tells the
 * caller whether somebody was written to.
 */
export interface MessageDispatcher {
  /** Starts `job` in the background; its failure is logged and audited under `purpose`, never thrown. */
  enqueue(purpose: string, job: () => Promise<void>): void;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
  /** Takes nothing more, and resolves when everything taken has been sent or has failed. */
  close(): Promise<void>;
}

/** Who is named as the actor of an audit event. */
export interface AuditActor {
  readonly kind: 'anonymous' | 'user' | 'client' | 'system';
  readonly id?: string | null;
  readonly clientId?: string | null;
  readonly sessionId?: string | null;
}

export interface AuditEntry {
  /** `user.signIn`, `token.refresh`, `client.create`. */
  readonly action: string;
  readonly outcome: 'success' | 'denied' | 'failure';
  readonly actor: AuditActor;
  readonly origin?: RequestOrigin | undefined;
  /** Who acts in the actor's name; absent: whoever does by the origin. */
  readonly actedBy?: readonly string[];
  readonly objectType?: string;
  readonly objectId?: string;
  readonly fields?: readonly string[];
  /** Values before and after; must hold no secret. */
  readonly before?: object;
  readonly after?: object;
  readonly reason?: string;
}

/** Writes the audit trail. */
export interface AuditTrail {
  /** Resolves when the entry is stored: security-relevant changes await it before they reply. */
  record(entry: AuditEntry): Promise<void>;
  /** For high-volume issuance: grouped, stored within 50 ms and at shutdown. */
  recordSoon(entry: AuditEntry): void;
}

/** Counters that the doors and use cases feed; prom-client behind it. */
export interface Metrics {
  tokenRequest(grantType: string, outcome: 'success' | 'refused' | 'error', durationSeconds: number): void;
  failedSignIn(reason: string): void;
  refreshRotation(outcome: 'rotated' | 'replayed' | 'theft' | 'refused'): void;
  /** `partial`: data and errors; `failed`: errors only, or refused before it ran. */
  graphqlOperation(
    type: 'query' | 'mutation' | 'subscription' | 'unknown',
    outcome: 'success' | 'partial' | 'failed',
    durationSeconds: number,
  ): void;
  /** Names the source of the password-hashing gauges; it is read at each scrape. */
  watchPasswordQueue(read: () => { running: number; waiting: number }): void;
  /** Everything measured, in the Prometheus text format; of all worker processes where there are several. */
  expose(): Promise<{ contentType: string; text: string }>;
}
