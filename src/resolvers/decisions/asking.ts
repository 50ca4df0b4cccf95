import { AppError } from '../../errors.js';
import { WHOLE } from '../../policies/catalog.js';
import { usualField } from '../../policies/questions.js';
import { NODE_TYPES, rawId, toGlobalId } from '../../schema/globalId.js';
import type { GraphQLContext } from '../context.js';

export interface Question {
  readonly action: string;
  readonly type: string;
  readonly field: string;
}

/** A right that the policy knows. @throws AppError BAD_USER_INPUT that names the argument */
export function readQuestion(
  { access: { catalog } }: Pick<GraphQLContext, 'access'>,
  { action, type, field }: { action: string; type: string; field?: string | null | undefined },
  path: readonly string[] = [],
): Question {
  const subject = catalog.subjects.get(type);
  const unknown = (argument: string) =>
    new AppError('BAD_USER_INPUT', `unknown ${argument}`, {
      path: [...path, argument],
      publicMessage: `There is no such ${argument}.`,
    });
  if (subject === undefined) throw unknown('type');
  if (!subject.actions.has(action)) throw unknown('action');
  const named = field ?? usualField(action);
  if (named !== WHOLE && !subject.fields.has(named)) throw unknown('field');
  return { action, type, field: named };
}

/** The object that a question is about, if the caller sees it; null otherwise, as where there is none. */
export async function visibleObject(
  { access, loaders }: Pick<GraphQLContext, 'access' | 'loaders'>,
  type: string,
  id: string,
): Promise<object | null> {
  const nodeType = NODE_TYPES.find((name) => name === type);
  const node = nodeType && (await loaders.byGlobalId(toGlobalId(nodeType, rawId(nodeType, id))));
  return node && access.decide('read', type, node.object, 'id').allowed ? node.object : null;
}
