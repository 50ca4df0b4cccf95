import { reaches } from '../../policies/requirement.js';
import { SINGLE_FACTOR_ACR } from './sessions.js';

/** The authentication levels that a sign-in can reach here. */
export const ATTAINABLE_ACRS: readonly string[] = [SINGLE_FACTOR_ACR];

/** Whether some sign-in here could be good enough for one of these levels. */
export const attainsOneOf = (wanted: readonly string[]): boolean =>
  ATTAINABLE_ACRS.some((level) => reachesOneOf(level, wanted));

/** Whether a session of this level is good enough for one of these. */
export const reachesOneOf = (level: string, wanted: readonly string[]): boolean =>
  wanted.some((one) => reaches(level, one));
