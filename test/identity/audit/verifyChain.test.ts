import { expect } from 'chai';
import { hashEntry } from '../../../src/identity/audit/entryHash.js';
import { createAuditTrail } from '../../../src/identity/audit/trail.js';
import { verifyChain } from '../../../src/identity/audit/verifyChain.js';
import type { AuditEvent } from '../../../src/models/auditEvent.js';
import type { Models } from '../../../src/models/models.js';
import { openTrailDeps, type TrailDeps } from './trailDeps.js';

describe('verifying an audit chain', () => {
  let models: Models;
  let deps: TrailDeps;
  let events: AuditEvent[];
  const chain = () => events[0]?.chain ?? '';
  const at = (sequence: number): AuditEvent => events[sequence] as AuditEvent;

  before(async () => {
    deps = await openTrailDeps();
    ({ models } = deps);
  });
  after(() => deps.close());

  beforeEach(async () => {
    await deps.clear();
    const trail = createAuditTrail(deps);
    for (let i = 0; i < 6; i++) {
      if (i === 5) deps.setNow('2026-03-02T10:00:00.000Z');
      await trail.record({
        action: 'user.lock',
        outcome: 'success',
        actor: { kind: 'user', id: `admin${i}` },
        objectType: 'Role',
        objectId: `u${i}`,
        ...(i === 2 && {
          origin: {
            address: '192.0.2.1',
            userAgent: 'test/1',
            requestId: 'r',
            actedBy: ['client:orders'],
          },
        }),
      });
    }
    await trail.close();
    events = await deps.stored();
  });

  it('finds nothing wrong with what the trail wrote', async () => {
    expect(await verifyChain(models, chain())).to.deep.equal({
      chain: chain(),
      entries: 5,
      unsigned: 5,
      fault: null,
    });
    expect(await verifyChain(models, at(5).chain)).to.deep.include({ entries: 1, fault: null });
  });

  const changes: [keyof AuditEvent, unknown][] = [
    ['at', new Date('2026-03-01T09:00:00Z')],
    ['action', 'user.unlock'],
    ['outcome', 'denied'],
    ['reason', 'made up'],
    ['actorKind', 'system'],
    ['actorId', 'somebody else'],
    ['clientId', 'x'],
    ['actedBy', []],
    ['actedBy', ['client:somebody else']],
    ['actedBy', null],
    ['sessionId', 'x'],
    ['objectType', 'x'],
    ['objectId', 'x'],
    ['fields', ['x']],
    ['before', '{}'],
    ['after', '{}'],
    ['address', 'x'],
    ['userAgent', 'x'],
    ['requestId', 'x'],
    ['sealed', null],
    ['sealed', [{ subject: 'admin2', names: ['address'], text: 'v1.AAAA' }]],
    ['count', 7],
    ['hash', 'f'.repeat(64)],
  ];
  for (const [field, value] of changes) {
    it(`names the entry whose ${field} was changed to ${JSON.stringify(value)}`, async () => {
      await models.auditEvents.updateOne({ _id: at(2)._id }, { $set: { [field]: value } });
      const report = await verifyChain(models, chain());
      expect(report.fault).to.deep.equal({ kind: 'changed', sequence: 2, eventId: at(2)._id });
      expect(report.entries).to.equal(2);
    });
  }

  it('names an entry that was rewritten together with its hash', async () => {
    const forged = { ...at(2), actorId: 'somebody else' };
    await models.auditEvents.updateOne(
      { _id: forged._id },
      { $set: { actorId: forged.actorId, hash: hashEntry(forged) } },
    );
    expect((await verifyChain(models, chain())).fault).to.deep.equal({
      kind: 'changed',
      sequence: 2,
      eventId: forged._id,
    });
  });

  for (const sequence of [0, 2]) {
    it(`names a missing entry (${sequence})`, async () => {
      await models.auditEvents.deleteOne({ _id: at(sequence)._id });
      expect((await verifyChain(models, chain())).fault).to.deep.equal({
        kind: 'missing',
        sequence,
        eventId: null,
      });
    });
  }

  it('notices a cut end by the writer’s next day', async () => {
    await models.auditEvents.deleteOne({ _id: at(4)._id });
    expect((await verifyChain(models, chain())).fault).to.deep.equal({
      kind: 'missing',
      sequence: 4,
      eventId: null,
    });
  });

  it('names the first of two entries that changed places', async () => {
    const move = (event: AuditEvent, sequence: number) =>
      models.auditEvents.updateOne({ _id: event._id }, { $set: { sequence } });
    await move(at(1), 99);
    await move(at(3), 1);
    await move(at(1), 3);
    expect((await verifyChain(models, chain())).fault).to.deep.equal({
      kind: 'moved',
      sequence: 1,
      eventId: at(3)._id,
    });
  });

  it('finds nothing in a chain that does not exist', async () => {
    expect(await verifyChain(models, '2020-01-01:nobody')).to.deep.include({ entries: 0, fault: null });
  });
});
