import type { User } from '../../models/user.js';
import { type LetterDeps, notifyOwner, ownerOf, siteOf } from '../accounts/letters.js';
import { isFirst } from '../defence/memory.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { RequestOrigin } from '../ports.js';
import { describeDevice } from '../sessions/device.js';
import { collectSignals, type FirstProof, type RiskDeps, type RiskSignal } from './signals.js';

export type AssessDeps = RiskDeps & LetterDeps & Pick<Deps, 'audit' | 'metrics'>;

/** Let in, asked for another proof, or refused. */
export type RiskOutcome = 'allow' | 'challenge' | 'deny';

export interface RiskAssessment {
  readonly outcome: RiskOutcome;
  readonly score: number;
  readonly signals: readonly RiskSignal[];
}

/** Between letters about sign-ins of one account that were refused. */
const NOTICE_SECONDS = 3600;

/**
 * Weighs a sign-in whose first proof is right: a password, or without one a passkey or a letter. Whatever speaks against
 * it is audited; the owner of an account whose sign-in is refused is written to, for the answer on the wire is that of a
 * wrong proof.
 */
export async function assessRisk(
  deps: AssessDeps,
  proof: FirstProof,
  origin: RequestOrigin,
): Promise<RiskAssessment> {
  const { enabled, weights } = deps.config.risk;
  if (!enabled) return { outcome: 'allow', score: 0, signals: [] };
  const signals = await collectSignals(deps, proof, origin);
  const score = signals.reduce((sum, signal) => sum + weights[signal], 0);
  const assessment = { outcome: outcomeOf(deps.config.risk, score), score, signals };
  if (score > 0) await note(deps, proof.user, assessment, origin);
  return assessment;
}

function outcomeOf({ challengeAt, denyAt }: Deps['config']['risk'], score: number): RiskOutcome {
  if (score >= denyAt) return 'deny';
  return score >= challengeAt ? 'challenge' : 'allow';
}

async function note(
  deps: AssessDeps,
  user: User,
  { outcome, score, signals }: RiskAssessment,
  origin: RequestOrigin,
): Promise<void> {
  await deps.audit.record({
    action: 'user.assessRisk',
    outcome: outcome === 'deny' ? 'denied' : 'success',
    actor: { kind: 'anonymous' },
    origin,
    objectType: 'User',
    objectId: user._id,
    after: { outcome, score, signals },
  });
  if (outcome !== 'deny') return;
  deps.metrics.failedSignIn('risk');
  if (!(await isFirst(deps, `risk-notice:${user._id}`, NOTICE_SECONDS))) return;
  const { name: device } = describeDevice(origin.userAgent);
  notifyOwner(
    deps,
    'signInRefused',
    ownerOf(user),
    mails.signInRefused({ site: siteOf(deps.config), device, address: origin.address }),
  );
}
