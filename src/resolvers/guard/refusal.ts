import { GraphQLError } from 'graphql';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import type { Decision } from '../../policies/decision.js';
import type { GraphQLContext } from '../context.js';
import { describeRefusal } from '../errors.js';
import type { Asked, KeptRefusal } from './asked.js';

type Refusing = Pick<GraphQLContext, 'principal' | 'access' | 'refusals' | 'watch'>;

/** A refusal as the caller reads it; `what` names the right in words of the schema ("read User.email"). */
function refusalOf(
  decision: Decision,
  what: string,
  path: readonly string[] | undefined,
  decisionId: string,
): GraphQLError {
  const needsStepUp = decision.code === 'STEP_UP_REQUIRED';
  const code = needsStepUp ? 'STEP_UP_REQUIRED' : 'FORBIDDEN';
  const error = new AppError(code, `${what}: ${decision.leg} leg, rule ${decision.ruleId ?? 'none'}`, {
    publicMessage: needsStepUp
      ? `You may ${what} after a stronger or more recent sign-in.`
      : `You may not ${what}.`,
    ...(decision.remedy !== null && { remedy: decision.remedy }),
    ...(path !== undefined && { path }),
    ...(decision.requirement !== null && { requirement: decision.requirement }),
  });
  return toGraphQLError(error, { decisionId });
}

/**
 * The refusal of one question: with the id of the decision, under which its reasons are kept. That of somebody who is
 * not signed in is to sign in, and is not kept: nobody could fill the store without an account.
 */
export function refusalFor(
  context: Refusing,
  asked: Asked,
  decision: Decision,
  what: string,
  path?: readonly string[],
): GraphQLError {
  if (context.principal.kind === 'anonymous') return unauthenticated(what);
  const { id } = keep(context, asked, decision);
  context.watch?.decided(asked, decision, context.access, id);
  return refusalOf(decision, what, path, id);
}

/** Refusals of one request that say the same have one id, so a list of a hundred objects keeps one for each field. */
function keep(context: Refusing, asked: Asked, decision: Decision): KeptRefusal {
  const { action, subject, field } = asked;
  const { code, leg, ruleId } = decision;
  const key = `${action} ${subject} ${field} ${code} ${leg} ${ruleId ?? ''}`;
  context.refusals ??= new Map();
  const known = context.refusals.get(key);
  if (known !== undefined) {
    known.count += 1;
    return known;
  }
  const kept: KeptRefusal = { id: uuidv7(), asked, decision, access: context.access, count: 1 };
  context.refusals.set(key, kept);
  return kept;
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
