import type { Facts } from './placeholder.js';
import type { Requirement } from './rule.js';

/** Authentication context classes, weakest first: one factor, two factors, phishing-resistant. */
export const ACR_LEVELS: readonly string[] = ['aal1', 'aal2', 'phr'];

/** Whether the running session fulfils it. No session fulfils none; a level not in `ACR_LEVELS` fulfils only itself. */
export function isMet(requirement: Requirement, { principal, now }: Facts): boolean {
  const { session } = principal;
  if (session === null) return false;
  if (requirement.acr !== undefined && !reaches(session.acr, requirement.acr)) return false;
  if (requirement.maxAgeSeconds === undefined) return true;
  return now.getTime() / 1000 - session.authTimeSeconds <= requirement.maxAgeSeconds;
}

/** Whether whoever fulfils the one fulfils the other as well. */
export function isAtLeast(strong: Requirement, weak: Requirement): boolean {
  if (weak.acr !== undefined && (strong.acr === undefined || !reaches(strong.acr, weak.acr))) return false;
  if (weak.maxAgeSeconds === undefined) return true;
  return strong.maxAgeSeconds !== undefined && strong.maxAgeSeconds <= weak.maxAgeSeconds;
}

/** "needs acr aal2 and a sign-in within 600 seconds" */
export function describeRequirement(requirement: Requirement): string {
  const parts = [];
  if (requirement.acr !== undefined) parts.push(`acr ${requirement.acr}`);
  if (requirement.maxAgeSeconds !== undefined)
    parts.push(`a sign-in within ${requirement.maxAgeSeconds} seconds`);
  return `needs ${parts.join(' and ')}`;
}

/** Whether a session of the one level is good enough where the other is asked for. */
export function reaches(level: string, wanted: string): boolean {
  if (level === wanted) return true;
  const wantedRank = ACR_LEVELS.indexOf(wanted);
  return wantedRank >= 0 && ACR_LEVELS.indexOf(level) >= wantedRank;
}
