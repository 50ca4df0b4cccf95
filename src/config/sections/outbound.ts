import { z } from 'zod';

/** Requests to addresses that clients name: key sets, sector identifiers, logout tokens. */
export const outbound = z
  .object({
    allowPrivateNetworks: z
      .boolean()
      .default(false)
      .describe(
        'Ask private, loopback and link-local addresses too: for closed networks where every client is trusted',
      ),
    caFile: z
      .string()
      .optional()
      .describe('PEM file of certificate authorities that are trusted beside the public ones'),
  })
  .strict()
  .prefault({});
