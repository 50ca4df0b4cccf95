import { AppError } from '../errors.js';
import { WHOLE } from '../policies/catalog.js';
import type { NodeType } from '../schema/globalId.js';
import type { GraphQLContext } from './context.js';
import { refusalFor } from './guard/refusal.js';

type Judging = Pick<GraphQLContext, 'access' | 'principal' | 'refusals' | 'watch'>;

/**
 * For the few fields whose target no mark can name: an act on an object, or with null on every object of the type.
 * @throws GraphQLError UNAUTHENTICATED, FORBIDDEN, STEP_UP_REQUIRED
 */
export function assertAllowed(
  context: Judging,
  action: string,
  subject: string,
  object: object | null,
): void {
  const decision = context.access.decide(action, subject, object, WHOLE);
  if (decision.allowed) return;
  const asked = { action, subject, object, field: WHOLE, info: null };
  throw refusalFor(context, asked, decision, `${action} ${subject}`);
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

/**
 * The object, if the viewer may read all these fields of it.
 * @throws AppError NOT_FOUND, FORBIDDEN, STEP_UP_REQUIRED, UNAUTHENTICATED
 */
export function assertReadable(
  context: Judging,
  type: NodeType,
  object: object | null | undefined,
  fields: readonly string[],
): object {
  const visible = assertVisible(context, type, object);
  for (const field of fields) {
    const decision = context.access.decide('read', type, visible, field);
    if (decision.allowed) continue;
    const code = decision.code === 'STEP_UP_REQUIRED' ? 'STEP_UP_REQUIRED' : 'FORBIDDEN';
    throw new AppError(code, `read ${type}.${field}: rule ${decision.ruleId ?? 'none'}`, {
      publicMessage: `You may not read ${type}.${field}.`,
      ...(decision.remedy !== null && { remedy: decision.remedy }),
    });
  }
  return visible;
}
