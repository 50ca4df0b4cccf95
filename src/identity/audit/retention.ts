import type { Deps } from '../deps.js';
import { startsAfter } from './chainStarts.js';
import { checkpointHash, type RetentionCut, readCheckpoint } from './checkpointContent.js';
import { appendCheckpoint, type CheckpointDeps, type CheckpointPlace } from './checkpointList.js';
import { readCheckpoints } from './checkpointsFound.js';
import { GENESIS_HASH } from './entryHash.js';

const DAY_MILLISECONDS = 86_400_000;

/**
 * Removes audit events older than `audit.retentionDays` and returns how many. Whole chains (days) go at once, after a
 * checkpoint has been signed that says so and where the trail begins now: what stays still verifies, and what somebody
 * else removes does not pass for this. Without the setting nothing is ever removed. Safe to repeat after a crash.
 */
export async function removeExpiredAuditEvents(deps: CheckpointDeps): Promise<number> {
  const { models, config, clock } = deps;
  const days = config.audit.retentionDays;
  if (days === undefined) return 0;
  const before = new Date(clock().getTime() - days * DAY_MILLISECONDS).toISOString().slice(0, 10);
  // A chain's name starts with its day, so names sort by age.
  const expired = { chain: { $lt: before } };
  if (!(await models.auditEvents.exists(expired))) return 0;

  const cut = await cutAt(deps, before);
  const { deletedCount } = await models.auditEvents.deleteMany(expired);
  await models.auditCheckpoints.deleteMany({ _id: { $lte: cut.resumes.n } });
  return deletedCount;
}

/** The cut at this day, signed now or by an earlier run that did not come to its end. */
async function cutAt(deps: CheckpointDeps, before: string): Promise<RetentionCut> {
  const found = await readCheckpoints(deps);
  if (found.cut && found.cut.before >= before) return found.cut;
  const cut: RetentionCut = {
    before,
    resumes: await lastBefore(deps, before, found.cut?.resumes ?? { n: 0, hash: GENESIS_HASH }),
    starts: await startsAfter(deps, before),
  };
  const { newest } = found;
  // Another replica may cut as well, and what was read above is no longer there then: look again.
  const written = await appendCheckpoint(
    deps,
    (last) => ((last?._id ?? 0) === (newest?.n ?? 0) ? { heads: [], cut } : null),
    newest ?? undefined,
  );
  return written ? cut : cutAt(deps, before);
}

/** The last checkpoint of those in a row that speak of removed days only. */
async function lastBefore(
  { models }: Pick<Deps, 'models'>,
  before: string,
  start: CheckpointPlace,
): Promise<CheckpointPlace> {
  let place = start;
  for await (const { _id: n, jws } of models.auditCheckpoints.find().sort({ _id: 1 }).lean().cursor()) {
    const said = readCheckpoint(jws);
    if (!said || said.heads.some(({ chain }) => chain >= before)) break;
    place = { n, hash: checkpointHash(jws) };
  }
  return place;
}
