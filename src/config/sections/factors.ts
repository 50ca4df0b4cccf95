import { z } from 'zod';
import { strings } from './values.js';

/** Second factors and passwordless sign-in. */
export const factors = z
  .object({
    requiredAcr: z
      .enum(['aal1', 'aal2', 'phr'])
      .default('aal1')
      .describe('Level that every sign-in must reach: one factor, two, phishing-resistant'),
    demands: z
      .array(
        z
          .object({
            role: z.string().optional().describe('Of whoever holds this role, inherited or not'),
            client: z.string().optional().describe('Of whoever signs in to this client'),
            acr: z.enum(['aal2', 'phr']).describe('Level that the sign-in must reach'),
          })
          .strict()
          .refine(({ role, client }) => (role === undefined) !== (client === undefined), {
            message: 'must name either a role or a client',
          }),
      )
      .default([])
      .describe('Levels beyond requiredAcr that are demanded of some'),
    trustedDeviceDays: z
      .number()
      .int()
      .min(0)
      .max(365)
      .default(30)
      .describe('How long a browser that was trusted shows no second factor; 0: none is trusted'),
    freshSignInSeconds: z
      .number()
      .int()
      .positive()
      .default(600)
      .describe('Age of the sign-in up to which factors may be added or removed'),
    emailSignIn: z
      .array(z.enum(['code', 'link']))
      .default([])
      .describe('What is mailed to sign in without a password: a code to type, a link; none: nobody can'),
    emailSignInTtlSeconds: z
      .number()
      .int()
      .min(60)
      .max(600)
      .default(600)
      .describe('Lifetime of such a code and link'),
    webauthnOrigins: strings('Origins beside that of the issuer on which passkeys are used'),
  })
  .strict()
  .prefault({});
