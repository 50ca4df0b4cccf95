import type { Config } from '../config/schema.js';
import { AppError } from '../errors.js';

/**
 * A letter in the outbox of a process that ends with the command would reach nobody.
 * @throws AppError CONFLICT without a transport for the channel; its message tells `otherWay`
 */
export function assertCanSend(
  { mail, sms }: Pick<Config, 'mail' | 'sms'>,
  channel: 'email' | 'phone' | undefined,
  otherWay: string,
): void {
  if (channel === 'email' && !mail.smtpUrl) {
    throw new AppError('CONFLICT', `without mail.smtpUrl no letter can be sent: ${otherWay}`);
  }
  if (channel === 'phone' && !sms.twilio) {
    throw new AppError('CONFLICT', `without sms.twilio no message can be sent: ${otherWay}`);
  }
}
