import type { Facts } from './placeholder.js';
import type { PolicySample, SampledQuestion } from './sample.js';

/** One use of a right: on an object, on none, or on whichever there are. */
export interface Use {
  readonly action: string;
  readonly subject: string;
  readonly field: string;
  readonly object: object | 'any' | null;
  readonly facts: Facts;
  /** Better let through, too: an object that was seen, perhaps by another way. */
  readonly isWish?: true;
}

/** The rights that the allowed decisions of one request took. */
export function usesOf({ questions, principal, at }: PolicySample): readonly Use[] {
  const facts = { principal, now: at };
  const allowed = questions.filter(({ code }) => code === 'ALLOWED');
  return allowed.flatMap((question): Use[] => {
    const { kind, action, subject, field, object, after } = question;
    if (field === null) return [];
    const use = (of: Use['object']): Use => ({ action, subject, field, object: of, facts });
    // Nothing but `create` may be done to what may not be seen; an act on no object has none to see.
    const withSight = (of: Use['object']): Use[] => {
      const needsSight = action !== 'create' && (of !== null || action === 'read');
      return needsSight ? [use(of), { action: 'read', subject, field: 'id', object: of, facts }] : [use(of)];
    };
    if (kind === 'write') return [...(object ? withSight(object) : []), use(after)];
    if (kind === 'decide') return withSight(object);
    // What a list showed, its rule must let through; whether an act could be at all is asked before each.
    if (action !== 'list' && action !== 'read') return [];
    const shown = shownOf(allowed, subject);
    return [...withSight('any'), ...shown.map((one): Use => ({ ...use(one), isWish: true }))];
  });
}

function shownOf(questions: readonly SampledQuestion[], subject: string): readonly object[] {
  return questions.flatMap(({ kind, action, subject: of, field, object }) =>
    kind === 'decide' && action === 'read' && of === subject && field === 'id' && object ? [object] : [],
  );
}
