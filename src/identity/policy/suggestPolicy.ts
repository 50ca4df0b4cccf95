import { AppError } from '../../errors.js';
import type { PolicySample } from '../../policies/sample.js';
import { type Suggestion, suggestRules } from '../../policies/suggest.js';
import type { Deps } from '../deps.js';
import { rolesHeld } from '../sessions/principal.js';
import { sampleMask } from './sampling.js';
import { readSamples } from './simulatePolicy.js';

type SuggestionDeps = Pick<Deps, 'models' | 'policy' | 'secrets' | 'samples' | 'clock'>;

/** A user, or a client that acts for itself. */
export interface Whom {
  readonly kind: 'user' | 'client';
  readonly id: string;
}

/**
 * The smallest set of rules that would have sufficed for what somebody did since then, as far as it was recorded, and
 * the rights that they hold now and did not use.
 * @throws AppError NOT_FOUND
 */
export async function suggestPolicy(
  deps: SuggestionDeps,
  whom: Whom,
  since: Date,
): Promise<Suggestion & { readonly requests: number }> {
  const roles = await rolesOf(deps, whom);
  const mask = sampleMask(deps.secrets);
  const samples: PolicySample[] = [];
  const filter = { principalId: mask(whom.id), at: { $gte: since } };
  for await (const sample of readSamples(deps, filter)) {
    if (sample.principal.kind === whom.kind) samples.push(sample);
  }
  const { catalog } = deps.policy;
  const suggestion = suggestRules({ catalog, policy: deps.policy.current(), roles, samples, mask });
  return { ...suggestion, requests: samples.length };
}

async function rolesOf({ models, clock }: SuggestionDeps, { kind, id }: Whom): Promise<readonly string[]> {
  if (kind === 'user') {
    const user = await models.users.findById(id, { roleAssignments: 1 }).lean();
    if (user !== null) return rolesHeld(user, clock());
  } else {
    const client = await models.clients.findById(id, { roles: 1 }).lean();
    if (client !== null) return client.roles;
  }
  throw new AppError('NOT_FOUND', `no ${kind} ${id}`);
}
