import { expect } from 'chai';
import type { Config } from '../../../src/config/schema.js';
import { removeExpiredAuditEvents } from '../../../src/identity/audit/retention.js';
import { createAuditTrail } from '../../../src/identity/audit/trail.js';
import { verifyTrail } from '../../../src/identity/audit/verifyTrail.js';
import { openTrailDeps, type TrailDeps } from './trailDeps.js';

describe('retention of audit events', () => {
  let deps: TrailDeps;
  const remove = (retentionDays?: number) => {
    const audit = { ...deps.config.audit, retentionDays };
    return removeExpiredAuditEvents({ ...deps, config: { ...deps.config, audit } });
  };
  const faults = async () => (await verifyTrail(deps)).faults;
  const daysLeft = async () => (await deps.stored()).map(({ chain }) => chain.slice(8, 10));

  before(async () => {
    deps = await openTrailDeps();
  });
  after(() => deps.close());

  beforeEach(async () => {
    await deps.clear();
    const trails = [createAuditTrail(deps), createAuditTrail(deps)];
    for (const day of ['01', '02', '03']) {
      deps.setNow(`2026-03-${day}T10:00:00.000Z`);
      for (const trail of trails) {
        await trail.record({ action: 'user.lock', outcome: 'success', actor: { kind: 'system' } });
      }
    }
    for (const trail of trails) await trail.close();
    deps.setNow('2026-03-10T10:00:00.000Z');
  });

  it('removes nothing without a limit', async () => {
    expect(await remove()).to.equal(0);
    expect(await daysLeft()).to.deep.equal(['01', '01', '02', '02', '03', '03']);
  });

  it('removes whole days older than the limit, and what stays verifies and tells of the cut', async () => {
    expect(await remove(8)).to.equal(2);
    expect(await daysLeft()).to.deep.equal(['02', '02', '03', '03']);
    const report = await verifyTrail(deps);
    expect(report).to.deep.include({ cutBefore: '2026-03-02', entries: 4, unsigned: 0, faults: [] });
  });

  it('can cut again and again, down to nothing, with checkpoints that stay few', async () => {
    for (const [limit, removed] of [
      [8, 2],
      [8, 0],
      [7, 2],
      [1, 2],
    ] as const) {
      expect(await remove(limit)).to.equal(removed);
      expect(await faults(), `${limit}`).to.deep.equal([]);
    }
    expect((await verifyTrail(deps)).cutBefore).to.equal('2026-03-09');
    expect(await deps.models.auditCheckpoints.countDocuments()).to.equal(1);
    const trail = createAuditTrail(deps);
    await trail.record({ action: 'user.lock', outcome: 'success', actor: { kind: 'system' } });
    await trail.close();
    expect(await verifyTrail(deps)).to.deep.include({ entries: 1, faults: [] });
  });

  it('verifies also between the cut and its end, and the next run ends it', async () => {
    const crash = { deleteMany: () => Promise.reject(new Error('killed')) };
    const auditEvents = new Proxy(deps.models.auditEvents, {
      get: (target, name) => {
        const value: unknown = Reflect.get({ ...crash }, name) ?? Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const audit = { ...deps.config.audit, retentionDays: 8 };
    const config = { ...deps.config, audit } as Config;
    const killed = { ...deps, config, models: { ...deps.models, auditEvents } };
    const error: unknown = await removeExpiredAuditEvents(killed).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error).with.property('message', 'killed');
    expect(await daysLeft()).to.have.length(6);
    expect(await faults()).to.deep.equal([]);
    expect(await remove(8)).to.equal(2);
    expect(await faults()).to.deep.equal([]);
  });

  it('holds when replicas cut at once, while others write', async () => {
    const writers = [createAuditTrail(deps), createAuditTrail(deps)];
    const write = (trail: (typeof writers)[number]) =>
      trail.record({ action: 'user.lock', outcome: 'success', actor: { kind: 'system' } });
    await Promise.all([remove(8), remove(8), ...writers.map(write), remove(8)]);
    await Promise.all([remove(7), ...writers.map(write), remove(7), remove(7)]);
    await Promise.all(writers.map((trail) => trail.close()));
    expect(await verifyTrail(deps)).to.deep.include({ cutBefore: '2026-03-03', entries: 6, faults: [] });
  });

  it('is not what a day that somebody removed passes for', async () => {
    await deps.models.auditEvents.deleteMany({ chain: /^2026-03-02/ });
    expect(await remove(8)).to.equal(2);
    expect((await faults()).map(({ kind, day }) => [kind, day])).to.deep.equal([
      ['dayMissing', '2026-03-02'],
      ['dayMissing', '2026-03-02'],
    ]);
  });
});
