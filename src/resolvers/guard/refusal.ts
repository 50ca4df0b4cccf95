import { GraphQLError } from 'graphql';
import { AppError } from '../../errors.js';
import type { Decision } from '../../policies/decision.js';
import type { Principal } from '../../policies/principal.js';
import { describeRefusal } from '../errors.js';

/** A refusal as the caller reads it; `what` names the right in words of the schema ("read User.email"). */
export function refusalOf(decision: Decision, what: string, path?: readonly string[]): GraphQLError {
  const needsStepUp = decision.code === 'STEP_UP_REQUIRED';
  const code = needsStepUp ? 'STEP_UP_REQUIRED' : 'FORBIDDEN';
  const error = new AppError(code, `${what}: ${decision.leg} leg, rule ${decision.ruleId ?? 'none'}`, {
    publicMessage: needsStepUp
      ? `You may ${what} after a stronger or more recent sign-in.`
      : `You may not ${what}.`,
    ...(decision.remedy !== null && { remedy: decision.remedy }),
    ...(path !== undefined && { path }),
  });
  return toGraphQLError(error, decision.requirement === null ? {} : { requirement: decision.requirement });
}

/** The refusal of somebody who is not signed in is to sign in. */
export function refusalFor(
  principal: Principal,
  decision: Decision,
  what: string,
  path?: readonly string[],
): GraphQLError {
  return principal.kind === 'anonymous' ? unauthenticated(what) : refusalOf(decision, what, path);
}

export function unauthenticated(what: string): GraphQLError {
  return toGraphQLError(new AppError('UNAUTHENTICATED', `${what}: nobody is signed in`), {});
}

/** What is not there and what may not be seen, alike. */
export function notFound(what: string): GraphQLError {
  return toGraphQLError(new AppError('NOT_FOUND', `${what}: missing or out of sight`), {});
}

function toGraphQLError(error: AppError, more: Record<string, unknown>): GraphQLError {
  const { message, extensions } = describeRefusal(error);
  return new GraphQLError(message, { extensions: { ...extensions, ...more }, originalError: error });
}
