import { z } from 'zod';
import { accounts, admin, lockout, passwords, sessions, tokens } from './sections/accounts.js';
import { authorization, authorizationDetailsTypes } from './sections/authorization.js';
import { backchannelLogout } from './sections/backchannelLogout.js';
import { captcha } from './sections/captcha.js';
import { clients } from './sections/clients.js';
import { resources, roles, scopes, users } from './sections/declared.js';
import { factors } from './sections/factors.js';
import { mail, sms } from './sections/messages.js';
import { outbound } from './sections/outbound.js';
import { policy } from './sections/policy.js';
import {
  audit,
  graphql,
  http,
  listen,
  logging,
  metrics,
  rateLimits,
  stores,
  tls,
} from './sections/process.js';
import { registration } from './sections/registration.js';
import { risk } from './sections/risk.js';
import { dpop, mutualTls } from './sections/senders.js';
import { secret } from './sections/values.js';

/**
 * Everything that can be configured: the loader validates with it, and the README's table and
 * `fieldgate.example.yaml` are tested against it. Every key has a description and, where one makes sense, a default.
 */
export const configSchema = z
  .object({
    environment: z
      .enum(['development', 'production'])
      .default('development')
      .describe('production switches off Sandbox, explorer, introspection and the development outbox'),
    issuer: z
      .string()
      .url()
      .default('http://127.0.0.1:3000')
      .describe(
        'Public base URL: the `iss` of every token and the base of every link; absent: the listen address',
      ),
    listen,
    tls,
    workers: z.number().int().min(1).max(64).default(1).describe('Processes that share the listening port'),
    dataDirectory: z
      .string()
      .min(1)
      .default('./data')
      .describe('Where the master key, the embedded store and the first admin password are kept'),
    stores,
    masterKey: secret(
      'Encrypts keys and secrets at rest, 32 bytes in base64url; absent: made at first start in the data directory',
      { pattern: /^[A-Za-z0-9_-]{43}$/, must: 'must be 32 bytes in base64url (43 characters)' },
    ).optional(),
    logging,
    tokens,
    dpop,
    mutualTls,
    sessions,
    accounts,
    passwords,
    lockout,
    risk,
    captcha,
    factors,
    rateLimits,
    graphql,
    http,
    outbound,
    mail,
    sms,
    metrics,
    audit,
    policy,
    admin,
    scopes,
    roles,
    resources,
    authorization,
    authorizationDetailsTypes,
    backchannelLogout,
    registration,
    clients,
    users,
  })
  .strict();

/** The frozen, validated configuration. */
export type Config = z.output<typeof configSchema>;
