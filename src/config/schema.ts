import { z } from 'zod';

const seconds = (describe: string, fallback: number) =>
  z.number().int().positive().default(fallback).describe(describe);

const limit = (describe: string, max: number, windowSeconds: number) =>
  z
    .object({
      max: z.number().int().positive().default(max).describe('Requests let through in one window'),
      windowSeconds: z.number().int().positive().default(windowSeconds).describe('Length of the window'),
    })
    .strict()
    .prefault({})
    .describe(describe);

const rule = z
  .object({
    id: z.string().min(1),
    effect: z.enum(['allow', 'deny']).default('allow'),
    actions: z.array(z.string().min(1)).min(1),
    subject: z.string().min(1),
    fields: z.array(z.string().min(1)).min(1),
    conditions: z.record(z.string(), z.unknown()).optional(),
    requires: z
      .object({ acr: z.string().optional(), maxAgeSeconds: z.number().int().positive().optional() })
      .strict()
      .optional(),
    reason: z.string().optional(),
  })
  .strict();

const grantType = z.enum([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'password',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
]);

/**
 * Everything that can be configured, in one place: the loader validates with it, and the README's table and
 * `fieldgate.example.yaml` are tested against it. Every key has a description and, but for secrets, a default.
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
      .describe('Public base URL: the `iss` of every token and the base of every link'),
    listen: z
      .object({
        host: z.string().default('127.0.0.1').describe('Address to listen on'),
        port: z
          .number()
          .int()
          .min(0)
          .max(65535)
          .default(3000)
          .describe('Port to listen on; 0 picks a free one'),
        trustedProxies: z
          .array(z.string())
          .default([])
          .describe('Addresses or CIDR blocks whose X-Forwarded-For and X-Forwarded-Proto are believed'),
      })
      .strict()
      .prefault({}),
    tls: z
      .object({
        cert: z.string().describe('Path of the PEM certificate chain'),
        key: z.string().describe('Path of the PEM private key'),
      })
      .strict()
      .optional()
      .describe('Serve https with this certificate'),
    workers: z.number().int().min(1).max(64).default(1).describe('Processes that share the listening port'),
    dataDirectory: z
      .string()
      .default('./data')
      .describe('Where the master key, the embedded store and the first admin password are kept'),
    stores: z
      .object({
        mongodbUri: z.string().optional().describe('MongoDB connection string; absent: the embedded engine'),
        redisUrl: z.string().optional().describe('Redis connection string; absent: in-process maps'),
      })
      .strict()
      .prefault({}),
    masterKey: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url (43 characters)')
      .optional()
      .describe(
        'Encrypts keys and secrets at rest, 32 bytes in base64url; absent: made at first start in the data directory',
      ),
    logging: z
      .object({
        level: z
          .enum(['debug', 'info', 'warn', 'error', 'silent'])
          .default('info')
          .describe('Least level that is logged'),
      })
      .strict()
      .prefault({}),
    tokens: z
      .object({
        algorithm: z
          .enum(['RS256', 'PS256', 'ES256', 'EdDSA'])
          .default('RS256')
          .describe('Signing algorithm of access and ID tokens'),
        accessTokenTtlSeconds: seconds('Lifetime of an access token', 900),
        refreshTokenTtlSeconds: seconds('Lifetime of a refresh family', 30 * 86_400),
        refreshLeewaySeconds: z
          .number()
          .int()
          .min(0)
          .max(60)
          .default(10)
          .describe('How long the loser of a refresh race gets the same successor'),
        audience: z.string().optional().describe('Default `aud` of access tokens; absent: the issuer'),
        keyRotationDays: z
          .number()
          .int()
          .positive()
          .default(90)
          .describe('Age at which a signing key is replaced'),
      })
      .strict()
      .prefault({}),
    sessions: z
      .object({
        idleTtlSeconds: seconds('A session not used for so long is over', 14 * 86_400),
        absoluteTtlSeconds: seconds('A session is over after so long, however much it is used', 90 * 86_400),
      })
      .strict()
      .prefault({}),
    accounts: z
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
      })
      .strict()
      .prefault({}),
    passwords: z
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
        argon2: z
          .object({
            memoryKiB: z.number().int().min(8192).default(19_456).describe('Memory of one hash'),
            timeCost: z.number().int().min(1).default(2).describe('Passes of one hash'),
            parallelism: z.number().int().min(1).default(1).describe('Lanes of one hash'),
            concurrency: z
              .number()
              .int()
              .min(1)
              .default(2)
              .describe('Hashes computed at once in one process'),
            queueLength: z
              .number()
              .int()
              .min(1)
              .default(64)
              .describe('Hashes that may wait; beyond it sign-ins get 503 with Retry-After'),
          })
          .strict()
          .prefault({}),
      })
      .strict()
      .prefault({}),
    lockout: z
      .object({
        maxFailures: z
          .number()
          .int()
          .positive()
          .default(5)
          .describe('Failures in a row that lock an account'),
        baseDelaySeconds: seconds('First lock; doubles with each further failure', 60),
        maxDelaySeconds: seconds('Longest lock', 3600),
      })
      .strict()
      .prefault({}),
    rateLimits: z
      .object({
        enabled: z.boolean().default(true).describe('Whether limits are enforced at all'),
        general: limit('Any request, per address', 100, 60),
        token: limit('Token requests, per address', 5, 60),
        signIn: limit('Sign-in attempts, per address', 5, 60),
        account: limit('Token and sign-in attempts, per account', 10, 3600),
        signUp: limit('Registrations, per address', 10, 3600),
        message: limit('Mails and messages sent to one target', 5, 3600),
      })
      .strict()
      .prefault({}),
    graphql: z
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
      .prefault({}),
    http: z
      .object({
        bodyLimitBytes: z.number().int().positive().default(131_072).describe('Largest request body'),
        corsOrigins: z.array(z.string()).default([]).describe('Origins that browsers may call from, exactly'),
      })
      .strict()
      .prefault({}),
    mail: z
      .object({
        from: z.string().default('Fieldgate <no-reply@localhost>').describe('Sender of every mail'),
        smtpUrl: z
          .string()
          .optional()
          .describe('smtp:// or smtps:// URL; absent: the development outbox (refused in production)'),
      })
      .strict()
      .prefault({}),
    sms: z
      .object({
        twilio: z
          .object({
            accountSid: z.string().describe('Account SID'),
            authToken: z.string().describe('Auth token'),
            from: z.string().describe('Sender number in E.164, or a messaging service SID'),
            apiBaseUrl: z.string().url().optional().describe('Another base URL than https://api.twilio.com'),
          })
          .strict()
          .optional()
          .describe('Send messages through Twilio; absent: the development outbox'),
        defaultCountry: z
          .string()
          .length(2)
          .optional()
          .describe('Country of phone numbers given without a country code'),
      })
      .strict()
      .prefault({}),
    metrics: z
      .object({
        enabled: z.boolean().default(true).describe('Serve /metrics'),
        token: z
          .string()
          .min(16)
          .optional()
          .describe('Bearer token that /metrics demands; absent: loopback and private addresses only'),
      })
      .strict()
      .prefault({}),
    audit: z
      .object({
        retentionDays: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('Remove events after so long; absent: never'),
      })
      .strict()
      .prefault({}),
    admin: z
      .object({
        email: z
          .string()
          .email()
          .default('admin@localhost.localdomain')
          .describe('E-mail of the first administrator'),
        username: z.string().default('admin').describe('Username of the first administrator'),
        password: z
          .string()
          .optional()
          .describe('Its password; absent: generated into a 0600 file in the data directory'),
      })
      .strict()
      .prefault({}),
    scopes: z
      .array(
        z.object({ name: z.string(), description: z.string().default(''), rules: z.array(rule) }).strict(),
      )
      .default([])
      .describe('Scopes beside the built-in ones, each a rule set'),
    roles: z
      .array(
        z
          .object({
            name: z.string().regex(/^[a-z][a-z0-9:_-]{0,63}$/),
            description: z.string().default(''),
            inherits: z.array(z.string()).default([]),
            rules: z.array(rule).default([]),
          })
          .strict(),
      )
      .default([])
      .describe('Roles beside the built-in ones'),
    resources: z
      .array(
        z
          .object({
            identifier: z.string().url(),
            scopes: z.array(z.string()).default([]),
            accessTokenTtlSeconds: z.number().int().positive().optional(),
          })
          .strict(),
      )
      .default([])
      .describe('APIs that access tokens may be issued for (RFC 8707)'),
    clients: z
      .array(
        z
          .object({
            clientId: z.string().min(1),
            name: z.string().optional(),
            secret: z.string().min(16).optional(),
            firstParty: z.boolean().default(false),
            tokenEndpointAuthMethod: z
              .enum(['none', 'client_secret_basic', 'client_secret_post'])
              .default('client_secret_basic'),
            grantTypes: z.array(grantType).min(1),
            redirectUris: z.array(z.string()).default([]),
            postLogoutRedirectUris: z.array(z.string()).default([]),
            scopes: z.array(z.string()).default([]),
            roles: z.array(z.string()).default([]),
            accessTokenTtlSeconds: z.number().int().positive().optional(),
            refreshTokenTtlSeconds: z.number().int().positive().optional(),
          })
          .strict(),
      )
      .default([])
      .describe('Clients that exist at every start'),
    users: z
      .array(
        z
          .object({
            email: z.string().email().optional(),
            username: z.string().optional(),
            phone: z.string().optional(),
            name: z.string().optional(),
            password: z.string().optional(),
            passwordHash: z.string().optional(),
            roles: z.array(z.string()).default([]),
            attributes: z
              .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
              .default({}),
          })
          .strict(),
      )
      .default([])
      .describe('Users created at the first start'),
  })
  .strict();

/** The frozen, validated configuration. */
export type Config = z.output<typeof configSchema>;
