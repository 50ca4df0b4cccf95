import { setImmediate } from 'node:timers/promises';
import type { Policy } from '../../policies/rule.js';
import type { PolicySample } from '../../policies/sample.js';
import { createSimulation, type SimulationResult } from '../../policies/simulate.js';
import type { Deps } from '../deps.js';
import { applyDraft, type DraftInput } from './draft.js';
import { sampleMask } from './sampling.js';
import { decodeSample } from './storedSample.js';

type SimulationDeps = Pick<Deps, 'models' | 'policy' | 'secrets' | 'samples'>;

/** Requests replayed at most, the newest: bounds what one question costs. */
export const MOST_REPLAYED = 2000;
const BATCH = 100;

/**
 * Replays recorded decisions under the policy in force and under what the draft would make of it.
 * @throws AppError CONFLICT, BAD_USER_INPUT for a draft that could not be published
 */
export function simulatePolicy(
  deps: SimulationDeps,
  { draft, since }: { readonly draft: DraftInput; readonly since?: Date },
): Promise<{ readonly result: SimulationResult; readonly after: Policy }> {
  const inForce = deps.policy.current();
  const after = applyDraft(deps.policy.catalog, inForce, draft);
  return replayUnder(deps, inForce, after, since).then((result) => ({ result, after }));
}

/** What `after` would have made of what `inForce` decided. */
export async function replayUnder(
  deps: SimulationDeps,
  inForce: Policy,
  after: Policy,
  since?: Date,
): Promise<SimulationResult> {
  const mask = sampleMask(deps.secrets);
  const simulation = createSimulation({ catalog: deps.policy.catalog, inForce, draft: after, mask });
  for await (const sample of readSamples(deps, since === undefined ? {} : { at: { $gte: since } })) {
    simulation.add(sample);
  }
  return simulation.result();
}

/** The newest samples, a few at a time, so that other requests get their turn. */
export async function* readSamples(
  { models, samples }: Pick<Deps, 'models' | 'samples'>,
  filter: Record<string, unknown>,
): AsyncGenerator<PolicySample> {
  await samples.flush();
  let last: string | undefined;
  for (let read = 0; read < MOST_REPLAYED; read += BATCH) {
    const query = last === undefined ? filter : { ...filter, _id: { $lt: last } };
    const batch = await models.policySamples.find(query).sort({ _id: -1 }).limit(BATCH).lean();
    for (const { sample } of batch) yield decodeSample(sample);
    last = batch.at(-1)?._id;
    if (batch.length < BATCH) return;
    await setImmediate();
  }
}
