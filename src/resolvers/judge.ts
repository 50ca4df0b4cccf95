import { AppError } from '../errors.js';
import { WHOLE } from '../policies/catalog.js';
import type { NodeType } from '../schema/globalId.js';
import type { GraphQLContext } from './context.js';

type Judging = Pick<GraphQLContext, 'access' | 'principal'>;

/**
 * For the few mutations whose target no mark can name: an act on an object, or with null on every object of the type.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN, STEP_UP_REQUIRED
 */
export function assertAllowed(
  { access, principal }: Judging,
  action: string,
  type: NodeType,
  object: object | null,
): void {
  const decision = access.decide(action, type, object, WHOLE);
  if (decision.allowed) return;
  if (principal.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', `${action} ${type}: nobody`);
  const code = decision.code === 'STEP_UP_REQUIRED' ? 'STEP_UP_REQUIRED' : 'FORBIDDEN';
  throw new AppError(code, `${action} ${type}: ${decision.leg} leg, rule ${decision.ruleId ?? 'none'}`, {
    publicMessage: `You may not ${action} ${type}.`,
    ...(decision.remedy !== null && { remedy: decision.remedy }),
  });
}

/** The object, if it is there and the viewer may see it. @throws AppError NOT_FOUND, UNAUTHENTICATED for nobody */
export function assertVisible(
  { access, principal }: Judging,
  type: NodeType,
  object: object | null | undefined,
): object {
  if (object && access.decide('read', type, object, 'id').allowed) return object;
  if (principal.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', `${type}: nobody is signed in`);
  throw new AppError('NOT_FOUND', `${type}: missing or out of sight`);
}
