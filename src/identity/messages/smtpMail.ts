import { createTransport } from 'nodemailer';
import { AppError } from '../../errors.js';
import type { MailTransport } from '../ports.js';

/** A mail transport that holds connections. */
export interface PooledMailTransport extends MailTransport {
  close(): void;
}

/** SMTP's own answer code, without the text, which may repeat the recipient. */
function describeFailure(error: unknown): string {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  return `${code ?? 'unknown'}, answer ${responseCode ?? 'none'}`;
}

/** Mail over `smtp://` or `smtps://`, a few pooled connections, and nobody waits longer than 20 seconds. */
export function createSmtpTransport(smtpUrl: string, from: string): PooledMailTransport {
  const transporter = createTransport(
    {
      url: smtpUrl,
      pool: true,
      maxConnections: 4,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
      // A mail names no local file and no URL to fetch, whatever a value in it looks like.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  return {
    async send({ to, subject, text, html }) {
      try {
        // As an object, so that no character of the address can be read as another recipient.
        await transporter.sendMail({ to: { name: '', address: to }, subject, text, html });
      } catch (error) {
        throw new AppError('UNAVAILABLE', `mail was not accepted: ${describeFailure(error)}`);
      }
    },
    close: () => transporter.close(),
  };
}
