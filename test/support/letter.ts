import type { Outbox } from '../../src/identity/messages/outbox.js';

/** What a letter carries for its reader. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  /** Of its link; empty where there is none. */
  readonly token: string;
  /** The code to type; empty where there is none. */
  readonly code: string;
}

/** The newest letter in the outbox to an address or number. @throws when there is none */
export function letterTo(outbox: Outbox, address: string): Letter {
  const message = outbox.latest(address);
  if (!message) throw new Error(`nothing was sent to ${address}`);
  const { subject, text } = message;
  return {
    subject,
    text,
    token: decodeURIComponent(/[?&]token=([^\s&]+)/.exec(text)?.[1] ?? ''),
    code: /\b(\d{6,8})\b/.exec(text.replace(/https?:\S+/g, ''))?.[1] ?? '',
  };
}
