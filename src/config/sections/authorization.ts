import { z } from 'zod';

/** What holds for every authorization request, whoever the client is. */
export const authorization = z
  .object({
    requirePushedRequests: z
      .boolean()
      .default(false)
      .describe(
        'Every client must push its authorization requests (RFC 9126); a client may also be set so alone',
      ),
    pushedRequestTtlSeconds: z
      .number()
      .int()
      .min(10)
      .max(600)
      .default(90)
      .describe('How long a pushed authorization request may be used'),
    fetchRequestObjects: z
      .boolean()
      .default(false)
      .describe('Fetch request objects from addresses that the client has registered (RFC 9101 §5.2)'),
  })
  .strict()
  .prefault({});

const field = z
  .object({
    name: z.string().min(1).describe('Name of the member'),
    type: z
      .enum(['string', 'number', 'boolean', 'strings'])
      .default('string')
      .describe('What it must be; strings: a list of them'),
    required: z.boolean().default(false).describe('Whether an entry without it is refused'),
    values: z.array(z.string()).default([]).describe('The texts that it may hold; absent: any'),
    label: z.string().optional().describe('What people read before its value; absent: its name'),
  })
  .strict();

/** What clients may ask for in detail (RFC 9396). */
export const authorizationDetailsTypes = z
  .array(
    z
      .object({
        type: z.string().min(1).max(200).describe('Value of `type` in an entry of authorization_details'),
        description: z
          .string()
          .min(1)
          .describe('What it lets a client do, in words that people read when they consent'),
        fields: z
          .array(field)
          .default([])
          .describe('Members that an entry may have beside `type`; no others'),
      })
      .strict(),
  )
  .default([])
  .describe('What clients may ask for in detail (RFC 9396)');
