import { z } from 'zod';

/** Clients that register themselves (RFC 7591). */
export const registration = z
  .object({
    mode: z
      .enum(['off', 'token', 'open'])
      .default('off')
      .describe('token: whoever holds an initial access token, which an administrator issues; open: anybody'),
    scopes: z
      .array(z.string())
      .default(['openid', 'profile', 'email', 'offline_access'])
      .describe('Scopes that such a client may have; all of them when it names none'),
    grantTypes: z
      .array(
        z.enum([
          'authorization_code',
          'refresh_token',
          'client_credentials',
          'urn:ietf:params:oauth:grant-type:device_code',
        ]),
      )
      .default(['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'])
      .describe('Grants that such a client may use'),
  })
  .strict()
  .prefault({});
