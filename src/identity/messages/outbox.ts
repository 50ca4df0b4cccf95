/** A mail or message that was not sent but kept, for people who develop against a server without transports. */
export interface OutboxMessage {
  readonly kind: 'mail' | 'sms';
  readonly to: string;
  /** Empty for a message. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly sentAt: Date;
}

/** The last messages of this process, in memory only: it dies with the process and is absent in production. */
export interface Outbox {
  add(message: OutboxMessage): void;
  /** Oldest first. */
  messages(): readonly OutboxMessage[];
  /** The newest to this address or number, compared without regard to case. */
  latest(to: string): OutboxMessage | null;
  clear(): void;
}

const KEPT_MESSAGES = 200;

export function createOutbox(): Outbox {
  const kept: OutboxMessage[] = [];
  return {
    add(message) {
      kept.push(message);
      if (kept.length > KEPT_MESSAGES) kept.shift();
    },
    messages: () => [...kept],
    latest: (to) => kept.findLast((message) => message.to.toLowerCase() === to.toLowerCase()) ?? null,
    clear: () => {
      kept.length = 0;
    },
  };
}
