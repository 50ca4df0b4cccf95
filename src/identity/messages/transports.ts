import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import type { Clock, Logger, MailTransport, SmsTransport } from '../ports.js';
import type { Outbox } from './outbox.js';
import { createTwilioTransport } from './twilioSms.js';

/** Closes what the transport holds open; nothing for the outbox. */
export interface ClosableMailTransport extends MailTransport {
  close(): void;
}

/**
 * Mail by SMTP when it is configured, else into the outbox of development.
 * @throws AppError INTERNAL in production without SMTP: mails that confirm accounts must not pile up unseen
 */
export async function createMailTransport(
  config: Config,
  outbox: Outbox,
  logger: Logger,
  clock: Clock = () => new Date(),
): Promise<ClosableMailTransport> {
  if (config.mail.smtpUrl !== undefined) {
    const { createSmtpTransport } = await import('./smtpMail.js');
    return createSmtpTransport(config.mail.smtpUrl, config.mail.from);
  }
  if (config.environment === 'production')
    throw new AppError('INTERNAL', 'mail.smtpUrl is needed in production');
  logger.info({}, 'mails go to the development outbox');
  return {
    send: async ({ to, subject, text, html }) =>
      outbox.add({ kind: 'mail', to, subject, text, html, sentAt: clock() }),
    close: () => undefined,
  };
}

/** Messages through Twilio when it is configured; else into the outbox, or in production to nobody, with an error. */
export function createSmsTransport(
  config: Config,
  outbox: Outbox,
  logger: Logger,
  clock: Clock = () => new Date(),
): SmsTransport {
  if (config.sms.twilio) return createTwilioTransport(config.sms.twilio);
  if (config.environment === 'production') {
    return {
      send: async () => {
        throw new AppError('UNAVAILABLE', 'no SMS transport is configured');
      },
    };
  }
  logger.info({}, 'SMS go to the development outbox');
  return {
    send: async ({ to, text }) =>
      outbox.add({ kind: 'sms', to, subject: '', text, html: '', sentAt: clock() }),
  };
}
