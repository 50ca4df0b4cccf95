import { z } from 'zod';

const weight = (description: string, fallback: number) =>
  z.number().int().min(0).max(1000).default(fallback).describe(description);

/** What is made of signs that a sign-in is not its owner's. */
export const risk = z
  .object({
    enabled: z.boolean().default(true).describe('Whether sign-ins are weighed at all'),
    challengeAt: z
      .number()
      .int()
      .positive()
      .default(50)
      .describe('Sum of weights from which a sign-in needs another proof'),
    denyAt: z
      .number()
      .int()
      .positive()
      .default(120)
      .describe('Sum of weights from which a sign-in is refused'),
    weights: z
      .object({
        newDevice: weight('The account was entered before, but never from this device', 20),
        impossibleTravel: weight('The last place is too far away for the time between', 50),
        breachedPassword: weight('The password is among breached ones', 40),
        stuffingAddress: weight('The address failed at many accounts', 50),
        accountUnderAttack: weight('The account failed from many addresses', 30),
        stuffingWave: weight('Many pairs of account and address failed, all together', 30),
      })
      .strict()
      .prefault({}),
    accountsPerAddress: z
      .number()
      .int()
      .positive()
      .default(10)
      .describe('Accounts at which one address may fail in the window until it is stuffing'),
    addressesPerAccount: z
      .number()
      .int()
      .positive()
      .default(5)
      .describe('Addresses from which one account may fail in the window until it is under attack'),
    failuresOfWave: z
      .number()
      .int()
      .positive()
      .default(200)
      .describe('Pairs of account and address that may fail in the window until a list is being tried'),
    windowSeconds: z
      .number()
      .int()
      .positive()
      .default(3600)
      .describe('How long failures count towards these'),
    travelSpeedKmh: z
      .number()
      .int()
      .positive()
      .default(1000)
      .describe('Speed between two sign-ins that nobody reaches'),
    knownDeviceDays: z
      .number()
      .int()
      .positive()
      .max(400)
      .default(180)
      .describe('How long a device that is not used stays known to an account'),
    placesFile: z
      .string()
      .optional()
      .describe('MaxMind DB file (GeoLite2-City) that knows where addresses are; absent: unknown'),
    breachedRangesDirectory: z
      .string()
      .optional()
      .describe(
        'Folder of k-anonymity range files (one per five hex digits of SHA-1) beside the bundled list',
      ),
  })
  .strict()
  .prefault({});
