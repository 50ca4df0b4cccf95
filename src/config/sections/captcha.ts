import { z } from 'zod';
import { secret } from './values.js';

/** How people show that they are no program. */
export const captcha = z
  .object({
    demand: z
      .enum(['never', 'onRisk', 'always'])
      .default('onRisk')
      .describe('When sign-in, sign-up and reset need it; onRisk: from addresses that try many accounts'),
    provider: z
      .enum(['proofOfWork', 'turnstile', 'hcaptcha', 'recaptcha'])
      .default('proofOfWork')
      .describe('Who judges; proofOfWork: the browser computes for a moment, no third party is asked'),
    siteKey: z.string().min(1).optional().describe('Key of the site at the provider; public'),
    secretKey: secret('Key of the server at the provider').optional(),
    verifyUrl: z.string().url().optional().describe('Where answers are judged; absent: at the provider'),
    leastScore: z.number().min(0).max(1).default(0.5).describe('Least score of reCAPTCHA v3 that passes'),
    proofOfWorkCost: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(5000)
      .describe('PBKDF2 rounds of one try; some 256 tries solve a task'),
  })
  .strict()
  .prefault({});
