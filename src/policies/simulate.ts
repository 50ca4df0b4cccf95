import type { Catalog } from './catalog.js';
import { createReplay } from './replay.js';
import type { Policy } from './rule.js';
import type { Mask, PolicySample, SampledQuestion } from './sample.js';

export interface SimulationTally {
  /** A role, a client id, or `read User.phone`. */
  readonly name: string;
  readonly newlyAllowed: number;
  readonly newlyDenied: number;
}

export interface SimulationExample {
  readonly change: 'allowed' | 'denied';
  readonly at: Date;
  readonly operation: string | null;
  readonly kind: 'anonymous' | 'user' | 'client';
  readonly roles: readonly string[];
  readonly clientId: string | null;
  readonly action: string;
  readonly subject: string;
  readonly field: string | null;
}

/** What a draft would have made of recorded decisions. Counts are of decisions, each as often as it was made. */
export interface SimulationResult {
  readonly requests: number;
  readonly decisions: number;
  readonly newlyAllowed: number;
  readonly newlyDenied: number;
  /** Decisions that the draft makes by something that was not recorded. */
  readonly undecided: number;
  readonly byRole: readonly SimulationTally[];
  readonly byClient: readonly SimulationTally[];
  readonly byField: readonly SimulationTally[];
  readonly examples: readonly SimulationExample[];
}

/** Examples shown of each change of each field. */
const EXAMPLES_EACH = 3;
const EXAMPLES = 100;

class Tallies {
  readonly #counts = new Map<string, { allowed: number; denied: number }>();

  add(name: string, change: 'allowed' | 'denied', count: number): number {
    const counts = this.#counts.get(name) ?? { allowed: 0, denied: 0 };
    this.#counts.set(name, counts);
    counts[change] += count;
    return counts[change];
  }

  /** The most changed first. */
  list(): readonly SimulationTally[] {
    return [...this.#counts]
      .map(([name, { allowed, denied }]) => ({ name, newlyAllowed: allowed, newlyDenied: denied }))
      .sort((left, right) => total(right) - total(left) || (left.name < right.name ? -1 : 1));
  }
}

const total = ({ newlyAllowed, newlyDenied }: SimulationTally) => newlyAllowed + newlyDenied;

/** Takes samples one by one and compares what the policy in force and the draft make of them. */
export function createSimulation(options: { catalog: Catalog; inForce: Policy; draft: Policy; mask: Mask }): {
  add(sample: PolicySample): void;
  result(): SimulationResult;
} {
  const { catalog, inForce, draft, mask } = options;
  const [before, after] = [inForce, draft].map((policy) => createReplay(policy, catalog, mask));
  const tallies = { role: new Tallies(), client: new Tallies(), field: new Tallies() };
  const shown = new Tallies();
  const examples: SimulationExample[] = [];
  const counts = { requests: 0, decisions: 0, allowed: 0, denied: 0, undecided: 0 };

  const note = (sample: PolicySample, question: SampledQuestion, change: 'allowed' | 'denied') => {
    const { action, subject, field, count } = question;
    const { principal, at, operation } = sample;
    const what = `${action} ${subject}${field === null || field === '*' ? '' : `.${field}`}`;
    const clientId = principal.token?.clientId ?? null;
    counts[change] += count;
    for (const role of principal.roles) tallies.role.add(role, change, count);
    if (clientId !== null) tallies.client.add(clientId, change, count);
    tallies.field.add(what, change, count);
    if (examples.length >= EXAMPLES || shown.add(what, change, 1) > EXAMPLES_EACH) return;
    const { kind, roles } = principal;
    examples.push({ change, at, operation, kind, roles, clientId, action, subject, field });
  };

  return {
    add(sample) {
      const [was, is] = [before?.of(sample), after?.of(sample)];
      counts.requests += 1;
      for (const question of sample.questions) {
        counts.decisions += question.count;
        const [old, now] = [was?.(question) ?? null, is?.(question) ?? null];
        if (old === null || now === null) counts.undecided += question.count;
        else if (old !== now) note(sample, question, now ? 'allowed' : 'denied');
      }
    },
    result: () => ({
      requests: counts.requests,
      decisions: counts.decisions,
      newlyAllowed: counts.allowed,
      newlyDenied: counts.denied,
      undecided: counts.undecided,
      byRole: tallies.role.list(),
      byClient: tallies.client.list(),
      byField: tallies.field.list(),
      examples,
    }),
  };
}
