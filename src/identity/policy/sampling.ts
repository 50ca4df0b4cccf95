import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { canonical } from '../../policies/covers.js';
import type { Access } from '../../policies/decision.js';
import type { Mask, PolicySample, SampledQuestion } from '../../policies/sample.js';
import { factsOfObject, factsOfPrincipal, looksOf } from '../../policies/sampleFacts.js';
import { watchAccess } from '../../policies/watchAccess.js';
import type { Deps, PolicySampler, RunningSample } from '../deps.js';
import { encodeSample } from './storedSample.js';

type SamplingDeps = Pick<Deps, 'models' | 'config' | 'clock' | 'logger' | 'secrets'>;

const FLUSH_MILLISECONDS = 500;
const BATCH = 200;
/** Beyond this many waiting, requests are not recorded: the database is slower than they come. */
const MOST_WAITING = 2000;
/** Different questions kept of one request. */
const MOST_QUESTIONS = 400;
/** How many are stored between two looks at how many there are. */
const TRIM_EVERY = 1000;
const DAY_MILLISECONDS = 86_400_000;

export interface RunningPolicySampler extends PolicySampler {
  close(): Promise<void>;
}

/** Masks texts of samples with a key of this installation: without the master key nobody reads them or tries guesses. */
export function sampleMask(secrets: Deps['secrets']): Mask {
  const key = secrets.derive('policy samples');
  return (text) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 16);
}

/**
 * Records the decisions of a share of the requests. Which, is drawn at their start: for all others it costs one random
 * number. What was recorded is stored beside the requests, in batches; a failure loses samples and nothing else.
 */
export function createPolicySampler(deps: SamplingDeps): RunningPolicySampler {
  const { models, config, clock, logger } = deps;
  const { sampleRetentionDays, sampleLimit } = config.policy;
  const rate = config.policy.sampleRate ?? (config.environment === 'development' ? 1 : 0.05);
  const mask = sampleMask(deps.secrets);
  let waiting: PolicySample[] = [];
  let untrimmed = 0;

  const store = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH);
      const expiresAt = new Date(clock().getTime() + sampleRetentionDays * DAY_MILLISECONDS);
      await models.policySamples.insertMany(
        batch.map((sample) => ({
          _id: uuidv7(),
          at: sample.at,
          expiresAt,
          principalId: sample.principal.id,
          sample: encodeSample(sample),
        })),
        { ordered: false },
      );
      untrimmed += batch.length;
    }
    if (untrimmed >= Math.min(TRIM_EVERY, sampleLimit)) {
      untrimmed = 0;
      await trimSamples(deps, sampleLimit);
    }
  };
  let storing = Promise.resolve();
  const flush = (): Promise<void> => {
    storing = storing.then(store).catch((error: unknown) => {
      waiting = [];
      logger.warn({ err: error }, 'samples of policy decisions were lost');
    });
    return storing;
  };
  const timer = setInterval(() => {
    if (waiting.length > 0) void flush();
  }, FLUSH_MILLISECONDS);
  timer.unref();

  return {
    begin(policy, catalog, principal, clientScopes, at) {
      // Who acts for somebody is not recorded: a sample knows one principal.
      if (rate === 0 || Math.random() >= rate || principal.actor !== null) return null;
      if (waiting.length >= MOST_WAITING) return null;
      const looks = looksOf(policy, catalog);
      return collect(mask, looks, (operation, questions) => {
        waiting.push({
          at,
          policyVersion: policy.version,
          operation,
          principal: factsOfPrincipal(looks, principal, mask),
          clientScopes,
          kept: looks.names,
          questions,
        });
      });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

function collect(
  mask: Mask,
  looks: ReturnType<typeof looksOf>,
  done: (operation: string | null, questions: readonly SampledQuestion[]) => void,
): RunningSample {
  const questions = new Map<string, { question: SampledQuestion; count: number }>();
  const facts = new WeakMap<object, { readonly facts: object; readonly text: string }>();
  const factsOf = (subject: string, object: object | null) => {
    if (object === null) return null;
    const known = facts.get(object);
    if (known !== undefined) return known;
    const made = factsOfObject(looks, subject, object, mask);
    const entry = { facts: made, text: canonical(made) };
    facts.set(object, entry);
    return entry;
  };
  const note = (
    asked: Pick<SampledQuestion, 'kind' | 'action' | 'subject' | 'field' | 'code'>,
    object: object | null,
    after: object | null,
  ) => {
    const [before, then] = [factsOf(asked.subject, object), factsOf(asked.subject, after)];
    const { kind, action, subject, field, code } = asked;
    const key = [kind, action, subject, field, code, before?.text, then?.text].join('\u0000');
    const known = questions.get(key);
    if (known !== undefined) known.count += 1;
    else if (questions.size < MOST_QUESTIONS) {
      const question = { ...asked, object: before?.facts ?? null, after: then?.facts ?? null, count: 1 };
      questions.set(key, { question, count: 1 });
    }
  };
  return {
    watch: (access: Access) =>
      watchAccess(access, {
        decided: (action, subject, field, object, code) =>
          note({ kind: 'decide', action, subject, field, code }, object, null),
        foreseen: (action, subject, field, possible) =>
          note(
            { kind: 'ever', action, subject, field, code: possible ? 'ALLOWED' : 'FORBIDDEN' },
            null,
            null,
          ),
        wrote: (action, subject, field, before, after, code) =>
          note({ kind: 'write', action, subject, field, code }, before, after),
      }),
    end(operation) {
      if (questions.size === 0) return;
      done(
        operation,
        [...questions.values()].map(({ question, count }) => ({ ...question, count })),
      );
      questions.clear();
    },
  };
}

/** Removes the oldest beyond the limit. */
async function trimSamples({ models }: Pick<Deps, 'models'>, limit: number): Promise<void> {
  const [oldestKept] = await models.policySamples
    .find({}, { _id: 1 })
    .sort({ _id: -1 })
    .skip(limit - 1)
    .limit(1)
    .lean();
  if (oldestKept !== undefined) await models.policySamples.deleteMany({ _id: { $lt: oldestKept._id } });
}
