import { expect } from 'chai';
import type { Config } from '../../../src/config/schema.js';
import { removeExpiredAuditEvents } from '../../../src/identity/audit/retention.js';
import { createAuditTrail } from '../../../src/identity/audit/trail.js';
import type { Models } from '../../../src/models/models.js';
import { openTestStores, type TestStores } from '../../support/stores.js';

describe('retention of audit events', () => {
  let models: Models;
  let stores: TestStores;
  let now = new Date('2026-03-01T10:00:00.000Z');
  const clock = () => now;
  const remove = (retentionDays?: number) =>
    removeExpiredAuditEvents({ models, clock, config: { audit: { retentionDays } } as Config });

  before(async () => {
    stores = await openTestStores();
    ({ models } = stores);
    const trail = createAuditTrail({
      models,
      clock,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    for (const day of ['01', '02', '03']) {
      now = new Date(`2026-03-${day}T10:00:00.000Z`);
      await trail.record({ action: 'user.lock', outcome: 'success', actor: { kind: 'system' } });
    }
    await trail.close();
    now = new Date('2026-03-10T10:00:00.000Z');
  });
  after(() => stores.close());

  it('removes nothing without a limit', async () => {
    expect(await remove()).to.equal(0);
    expect(await models.auditEvents.countDocuments()).to.equal(3);
  });

  it('removes whole days older than the limit', async () => {
    expect(await remove(8)).to.equal(1);
    expect(await models.auditEvents.distinct('actorKind')).to.deep.equal(['system']);
    expect(await models.auditEvents.countDocuments()).to.equal(2);
  });
});
