import { createAccess } from './access.js';
import { type Catalog, WHOLE } from './catalog.js';
import type { Access } from './decision.js';
import type { Policy } from './rule.js';
import type { Mask, PolicySample, SampledQuestion } from './sample.js';
import { looksOfRule, maskPolicy } from './sampleFacts.js';

/** Answers recorded questions anew, by some policy. */
export interface Replay {
  of(sample: PolicySample): (question: SampledQuestion) => boolean | null;
}

/**
 * Replays under `policy`: true where it would have been allowed, false where not, null where the policy looks at
 * something that was not kept when the sample was taken.
 */
export function createReplay(policy: Policy, catalog: Catalog, mask: Mask): Replay {
  const masked = maskPolicy(policy, catalog, mask);
  const looks = looksByQuestion(policy);
  return {
    of(sample) {
      const { principal, at, clientScopes } = sample;
      const access = createAccess(
        masked,
        catalog,
        { ...principal, roles: principal.roles.map(mask) },
        at,
        clientScopes === null ? {} : { clientScopes },
      );
      const kept = new Set(sample.kept);
      return (question) => {
        const { kind, action, subject, field } = question;
        const isKnown = (name: string, of: string) =>
          looks(name, subject, of).every((look) => kept.has(look));
        const asked = field ?? WHOLE;
        if (kind !== 'ever' && !(isKnown(action, asked) && isKnown('read', 'id'))) return null;
        return answer(access, question);
      };
    },
  };
}

function answer(access: Access, { kind, action, subject, field, object, after }: SampledQuestion): boolean {
  if (kind === 'ever') return access.mayEver(action, subject, field ?? undefined);
  if (kind === 'decide') return access.decide(action, subject, object, field ?? WHOLE).allowed;
  return access.refusedFields(action, subject, object, after ?? {}, [field ?? WHOLE]).size === 0;
}

/** What any rule that speaks of a question looks at. */
function looksByQuestion(
  policy: Policy,
): (action: string, subject: string, field: string) => readonly string[] {
  const rules = [...policy.roles.values(), ...policy.scopes.values()]
    .flatMap((holder) => holder.rules)
    .filter((rule) => rule.conditions !== undefined);
  const found = new Map<string, readonly string[]>();
  return (action, subject, field) => {
    const key = `${action} ${subject} ${field}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const about = rules.filter(
      (rule) =>
        rule.subject === subject &&
        rule.actions.includes(action) &&
        (rule.fields.includes(field) || rule.fields.includes(WHOLE)),
    );
    const looks = [...new Set(about.flatMap(looksOfRule))];
    found.set(key, looks);
    return looks;
  };
}
