import { expect } from 'chai';
import { appendCheckpoint } from '../../../src/identity/audit/checkpointList.js';
import { readCheckpoints } from '../../../src/identity/audit/checkpointsFound.js';
import { openTrailDeps, type TrailDeps } from './trailDeps.js';

describe('checkpoints of replicas that write at once', () => {
  let deps: TrailDeps;
  before(async () => {
    deps = await openTrailDeps();
  });
  after(() => deps.close());

  it('are one list without a gap, each pointing at the one before', async () => {
    const places = await Promise.all(
      Array.from({ length: 30 }, () => appendCheckpoint(deps, () => ({ heads: [] }))),
    );
    expect(places.map((place) => place?.n ?? 0).sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    const { count, faults } = await readCheckpoints(deps);
    expect({ count, faults }).to.deep.equal({ count: 30, faults: [] });
  });
});
