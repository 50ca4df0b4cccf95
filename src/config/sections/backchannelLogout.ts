import { z } from 'zod';
import { seconds } from './values.js';

/** How clients are told of sign-outs (OpenID Connect Back-Channel Logout). */
export const backchannelLogout = z
  .object({
    timeoutSeconds: seconds('How long a client may take to answer', 5),
    maxAttempts: z
      .number()
      .int()
      .positive()
      .max(20)
      .default(8)
      .describe('Attempts, each after a longer wait, until a client is given up'),
    firstRetrySeconds: seconds('Wait before the second attempt; it doubles with each one', 10),
  })
  .strict()
  .prefault({});
