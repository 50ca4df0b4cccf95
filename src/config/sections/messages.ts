import { z } from 'zod';
import { secret } from './values.js';

/** How mails leave. */
export const mail = z
  .object({
    from: z.string().min(1).default('Fieldgate <no-reply@localhost>').describe('Sender of every mail'),
    smtpUrl: secret(
      'smtp:// or smtps:// URL; absent: the development outbox (refused in production)',
    ).optional(),
  })
  .strict()
  .prefault({});

const twilio = z
  .object({
    accountSid: z.string().min(1).describe('Account SID'),
    authToken: secret('Auth token'),
    from: z.string().min(1).describe('Sender number in E.164, or a messaging service SID'),
    apiBaseUrl: z.string().url().optional().describe('Another base URL than https://api.twilio.com'),
  })
  .strict()
  .optional()
  .describe('Send messages through Twilio; absent: the development outbox');

/** How text messages leave. */
export const sms = z
  .object({
    twilio,
    defaultCountry: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 country code in capitals')
      .optional()
      .describe('Country of phone numbers given without a country code'),
  })
  .strict()
  .prefault({});
