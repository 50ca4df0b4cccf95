import { z } from 'zod';

/** What is recorded of decisions, and what publishing a policy takes. */
export const policy = z
  .object({
    sampleRate: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'Share of requests whose decisions are recorded; absent: 1 in development, 0.05 in production',
      ),
    sampleRetentionDays: z
      .number()
      .int()
      .positive()
      .default(14)
      .describe('Remove recorded decisions after so long'),
    sampleLimit: z
      .number()
      .int()
      .positive()
      .default(50_000)
      .describe('Most requests kept on record; the oldest go first'),
    acknowledgeRights: z
      .number()
      .int()
      .nonnegative()
      .default(20)
      .describe('New rights that a draft may give before its publication takes acknowledgeWidening'),
    acknowledgeDecisions: z
      .number()
      .int()
      .nonnegative()
      .default(0)
      .describe(
        'Recorded refusals that a draft may turn round before its publication takes acknowledgeWidening',
      ),
  })
  .strict()
  .prefault({});
