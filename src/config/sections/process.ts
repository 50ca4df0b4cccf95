import { z } from 'zod';
import { seconds, secret } from './values.js';

/** Where Fieldgate listens. */
export const listen = z
  .object({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
    port: z.number().int().min(0).max(65535).default(3000).describe('Port to listen on; 0 picks a free one'),
    trustedProxies: z
      .array(z.string())
      .default([])
      .describe('Addresses or CIDR blocks whose X-Forwarded-For and X-Forwarded-Proto are believed'),
  })
  .strict()
  .prefault({});

/** Fieldgate's own https; behind a TLS proxy it stays absent. */
export const tls = z
  .object({
    cert: z.string().describe('Path of the PEM certificate chain'),
    key: z.string().describe('Path of the PEM private key'),
  })
  .strict()
  .optional()
  .describe('Serve https with this certificate');

/** The databases. */
export const stores = z
  .object({
    mongodbUri: secret('MongoDB connection string; absent: the embedded engine').optional(),
    redisUrl: secret(
      'Redis connection string, or path of its unix socket; absent: in-process maps',
    ).optional(),
  })
  .strict()
  .prefault({});

/** The log on standard output. */
export const logging = z
  .object({
    level: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('Least level that is logged'),
  })
  .strict()
  .prefault({});

/** What holds for every HTTP request. */
export const http = z
  .object({
    bodyLimitBytes: z.number().int().positive().default(131_072).describe('Largest request body'),
    corsOrigins: z.array(z.string()).default([]).describe('Origins that browsers may call from, exactly'),
  })
  .strict()
  .prefault({});

/** What the GraphQL door shows and lets through. */
export const graphql = z
  .object({
    introspection: z.boolean().optional().describe('Absent: on in development only'),
    sandbox: z
      .boolean()
      .optional()
      .describe('Apollo Sandbox as landing page; absent: on in development only'),
    explorer: z
      .boolean()
      .optional()
      .describe('Bundled GraphiQL at /explorer; absent: on in development only'),
    maxDepth: z.number().int().positive().default(12).describe('Deepest selection'),
    maxAliases: z.number().int().positive().default(30).describe('Most aliases in one document'),
    maxCost: z
      .number()
      .int()
      .positive()
      .default(5000)
      .describe('Most fields an answer could hold, by page sizes'),
  })
  .strict()
  .prefault({});

const limit = (description: string, max: number, windowSeconds: number) =>
  z
    .object({
      max: z
        .number()
        .int()
        .positive()
        .default(max)
        .describe(`${description}: requests let through in one window`),
      windowSeconds: seconds(`${description}: length of the window`, windowSeconds),
    })
    .strict()
    .prefault({})
    .describe(description);

/** Who may ask how often. */
export const rateLimits = z
  .object({
    enabled: z.boolean().default(true).describe('Whether limits are enforced at all'),
    general: limit('Any request, per address', 100, 60),
    token: limit('Token requests, per address', 5, 60),
    signIn: limit('Sign-in attempts, per address', 5, 60),
    account: limit('Token and sign-in attempts, per account', 10, 3600),
    signUp: limit('Registrations, per address', 10, 3600),
    deviceCode: limit('Polls of devices, per address', 120, 60),
    userCode: limit('User codes of devices, per address and per account', 40, 900),
    registration: limit('Clients that register themselves, per address', 20, 3600),
    message: limit('Mails and messages sent to one target', 5, 3600),
  })
  .strict()
  .prefault({});

/** Prometheus. */
export const metrics = z
  .object({
    enabled: z.boolean().default(true).describe('Serve /metrics'),
    token: secret('Bearer token that /metrics demands; absent: loopback and private addresses only', {
      minLength: 16,
    }).optional(),
  })
  .strict()
  .prefault({});

/** The audit trail. */
export const audit = z
  .object({
    retentionDays: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Remove events after so long; absent: never'),
    checkpointSeconds: seconds('Longest time until new events are covered by a signed checkpoint', 300),
    checkpointEvents: z
      .number()
      .int()
      .positive()
      .default(1000)
      .describe('Most events until a signed checkpoint covers them'),
  })
  .strict()
  .prefault({});
