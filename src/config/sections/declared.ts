import { z } from 'zod';
import { secret, strings } from './values.js';

const rule = z
  .object({
    id: z.string().min(1).describe('Name of the rule in explanations, unique in its role or scope'),
    effect: z.enum(['allow', 'deny']).default('allow').describe('A deny beats every allow'),
    actions: z.array(z.string().min(1)).min(1).describe('What the rule is about: read, update, ...'),
    subject: z.string().min(1).describe('A GraphQL type'),
    fields: z.array(z.string().min(1)).min(1).describe('Fields of that type'),
    conditions: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Mongo query on the object; values may be placeholders such as '{{principal.id}}'"),
    requires: z
      .object({
        acr: z.string().optional().describe('Least authentication level'),
        maxAgeSeconds: z.number().int().positive().optional().describe('Longest time since the sign-in'),
      })
      .strict()
      .optional()
      .describe('Step-up that the rule demands'),
    reason: z.string().optional().describe('Why, shown with the decision'),
  })
  .strict();

/** Scopes beside the built-in ones, each a rule set. */
export const scopes = z
  .array(
    z
      .object({
        name: z
          .string()
          .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'must be a scope token (RFC 6749 §3.3)')
          .describe('Scope token'),
        description: z.string().default('').describe('What it lets a client do'),
        rules: z.array(rule).describe('What it lets through of the rights of the user'),
      })
      .strict(),
  )
  .default([])
  .describe('Scopes beside the built-in ones, each a rule set');

/** Roles beside the built-in ones. */
export const roles = z
  .array(
    z
      .object({
        name: z
          .string()
          .regex(/^[a-z][a-z0-9:_-]{0,63}$/, 'must match /^[a-z][a-z0-9:_-]{0,63}$/')
          .describe('Name, lower case'),
        description: z.string().default('').describe('What it is for'),
        inherits: strings('Roles whose rules it has too'),
        rules: z.array(rule).default([]).describe('What it lets its holders do'),
      })
      .strict(),
  )
  .default([])
  .describe('Roles beside the built-in ones');

/** APIs that access tokens may be issued for (RFC 8707). */
export const resources = z
  .array(
    z
      .object({
        identifier: z.string().url().describe('Absolute URI, the `aud` of its tokens'),
        scopes: strings('Scopes that it knows'),
        accessTokenTtlSeconds: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('Lifetime of its access tokens'),
        tokenFormat: z
          .enum(['jwt', 'opaque'])
          .default('jwt')
          .describe(
            'jwt: verified by anybody with the JWKS (RFC 9068); opaque: known to introspection alone',
          ),
        signingAlgorithm: z
          .enum(['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'])
          .optional()
          .describe(
            'Algorithm of its JWT; absent: tokens.algorithm. HS256 is for gateways that know nothing else',
          ),
        sharedSecret: secret('Key of HS256, at least 32 characters, known to this API alone', {
          minLength: 32,
        }).optional(),
        introspectionClients: z
          .array(z.string().min(1))
          .optional()
          .describe(
            'Clients that may ask about its tokens, beside the one they were issued to; absent: every confidential client',
          ),
      })
      .strict(),
  )
  .default([])
  .describe('APIs that access tokens may be issued for (RFC 8707)');

/** Users created at the first start. */
export const users = z
  .array(
    z
      .object({
        email: z.string().email().optional().describe('E-mail address, taken as confirmed'),
        username: z.string().optional().describe('Username'),
        phone: z.string().optional().describe('Phone in E.164, taken as confirmed'),
        name: z.string().optional().describe('Name'),
        password: secret('Password; give this or passwordHash').optional(),
        passwordHash: secret('argon2, bcrypt, scrypt or pbkdf2 hash as a PHC string').optional(),
        roles: strings('Roles; absent: those of accounts.defaultRoles'),
        attributes: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
          .default({})
          .describe('Attributes that conditions of rules may use'),
      })
      .strict(),
  )
  .default([])
  .describe('Users created at the first start');
