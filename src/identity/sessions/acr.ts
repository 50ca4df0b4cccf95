import { ACR_LEVELS, reaches } from '../../policies/requirement.js';

/** The authentication levels that a sign-in can reach here. */
export const ATTAINABLE_ACRS: readonly string[] = ACR_LEVELS;

/** Whether some sign-in here could be good enough for one of these levels. */
export const attainsOneOf = (wanted: readonly string[]): boolean =>
  ATTAINABLE_ACRS.some((level) => reachesOneOf(level, wanted));

/** Whether a session of this level is good enough for one of these. */
export const reachesOneOf = (level: string, wanted: readonly string[]): boolean =>
  wanted.some((one) => reaches(level, one));

/** The lowest of these that a sign-in can reach here; undefined: none. */
export const leastOf = (wanted: readonly string[]): string | undefined =>
  ATTAINABLE_ACRS.find((level) => reachesOneOf(level, wanted));
