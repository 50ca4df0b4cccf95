import { z } from 'zod';
import { seconds, secret } from './values.js';

/** Access tokens, refresh families and signing keys. */
export const tokens = z
  .object({
    algorithm: z
      .enum(['RS256', 'PS256', 'ES256', 'EdDSA'])
      .default('RS256')
      .describe('Signing algorithm of access and ID tokens'),
    additionalAlgorithms: z
      .array(z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']))
      .default([])
      .describe('Algorithms that clients may choose beside it; those of resources need no mention'),
    accessTokenTtlSeconds: seconds('Lifetime of an access token', 900),
    refreshTokenTtlSeconds: seconds('Lifetime of a refresh family', 30 * 86_400),
    refreshLeewaySeconds: z
      .number()
      .int()
      .min(0)
      .max(60)
      .default(10)
      .describe('How long the loser of a refresh race gets the same successor'),
    audience: z.string().min(1).optional().describe('Default `aud` of access tokens; absent: the issuer'),
    keyRotationDays: z
      .number()
      .int()
      .positive()
      .default(90)
      .describe('Age at which a signing key is replaced'),
    introspectionCacheSeconds: z
      .number()
      .int()
      .min(0)
      .max(300)
      .default(0)
      .describe('How long an API may remember that a token is active; 0: ask each time'),
  })
  .strict()
  .prefault({});

/** Browser and device sessions. */
export const sessions = z
  .object({
    idleTtlSeconds: seconds('A session not used for so long is over', 14 * 86_400),
    absoluteTtlSeconds: seconds('A session is over after so long, however much it is used', 90 * 86_400),
    maxPerUser: z.number().int().positive().default(100).describe('Most sessions of one account'),
    whenFull: z
      .enum(['endOldest', 'refuse'])
      .default('endOldest')
      .describe('What a sign-in beyond that does: it ends the oldest session, or is refused'),
    otherDeviceRefresh: z
      .enum(['note', 'refuse'])
      .default('note')
      .describe('What becomes of a refresh from another kind of device than the one that signed in'),
  })
  .strict()
  .prefault({});

/** Sign-up, confirmation, reset and deletion. */
export const accounts = z
  .object({
    signUp: z.boolean().default(true).describe('Whether people may register themselves'),
    defaultRoles: z.array(z.string()).default(['user']).describe('Roles of a new account'),
    requireConfirmedContact: z
      .boolean()
      .default(true)
      .describe('Whether an e-mail address or phone must be confirmed before the first sign-in'),
    unconfirmedTtlSeconds: seconds('An account that was never confirmed is removed after', 7 * 86_400),
    deletionGraceSeconds: seconds('Time between a deletion request and the deletion', 14 * 86_400),
    confirmationTtlSeconds: seconds('Lifetime of a confirmation link or e-mail code', 86_400),
    smsCodeTtlSeconds: seconds('Lifetime of a code sent by SMS', 300),
    passwordResetTtlSeconds: seconds('Lifetime of a password reset link', 1800),
    recoveryCooldownSeconds: z
      .number()
      .int()
      .min(0)
      .default(86_400)
      .describe('How long after a reset or recovery no factor may be removed'),
  })
  .strict()
  .prefault({});

const argon2 = z
  .object({
    memoryKiB: z.number().int().min(8192).default(19_456).describe('Memory of one hash'),
    timeCost: z.number().int().min(1).default(2).describe('Passes of one hash'),
    parallelism: z.number().int().min(1).default(1).describe('Lanes of one hash'),
    concurrency: z.number().int().min(1).default(2).describe('Hashes computed at once in one process'),
    queueLength: z
      .number()
      .int()
      .min(1)
      .default(64)
      .describe('Hashes that may wait; beyond it sign-ins get 503 with Retry-After'),
  })
  .strict()
  .prefault({});

/** What a password must be and how it is hashed. */
export const passwords = z
  .object({
    minLength: z.number().int().min(6).max(128).default(8).describe('Fewest characters of a password'),
    minScore: z.number().int().min(0).max(4).default(2).describe('Least zxcvbn score, 0 to 4'),
    refuseBreached: z
      .boolean()
      .default(true)
      .describe('Refuse passwords of the bundled list of breached ones'),
    requireComposition: z
      .boolean()
      .default(false)
      .describe('Demand an upper-case letter, a digit and a special character'),
    argon2,
  })
  .strict()
  .prefault({});

/** What failures in a row do. */
export const lockout = z
  .object({
    maxFailures: z
      .number()
      .int()
      .positive()
      .default(5)
      .describe('Failures in a row that lock an account for one address, or for one known device'),
    accountMaxFailures: z
      .number()
      .int()
      .positive()
      .default(20)
      .describe('Failures in a row, from any address, that lock an account for every unknown device'),
    addressMaxFailures: z
      .number()
      .int()
      .positive()
      .default(50)
      .describe('Failures in an hour, of any accounts, that lock an address but for known devices'),
    baseDelaySeconds: seconds('First lock; doubles with each further failure', 60),
    maxDelaySeconds: seconds('Longest lock', 3600),
  })
  .strict()
  .prefault({});

/** The administrator that the first start makes. */
export const admin = z
  .object({
    email: z
      .string()
      .email()
      .default('admin@localhost.localdomain')
      .describe('E-mail of the first administrator'),
    username: z.string().min(1).default('admin').describe('Username of the first administrator'),
    password: secret('Its password; absent: generated into a 0600 file in the data directory').optional(),
    breakGlass: z
      .object({
        username: z.string().min(1).default('break-glass').describe('Username of the emergency account'),
        password: secret(
          'Its password; absent: the account does not work. Each use is told to all administrators',
          {
            minLength: 16,
          },
        ).optional(),
      })
      .strict()
      .prefault({}),
  })
  .strict()
  .prefault({});
