import { expect } from 'chai';
import { checkpointHash } from '../../../src/identity/audit/checkpointContent.js';
import { newestCheckpoint } from '../../../src/identity/audit/checkpointList.js';
import { hashEntry } from '../../../src/identity/audit/entryHash.js';
import { createAuditTrail } from '../../../src/identity/audit/trail.js';
import { verifyTrail } from '../../../src/identity/audit/verifyTrail.js';
import { createKeyRing } from '../../../src/identity/keys/keyRing.js';
import type { AuditEvent } from '../../../src/models/auditEvent.js';
import { openTrailDeps, type TrailDeps } from './trailDeps.js';

const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03'] as const;

describe('tampering with the audit trail', () => {
  let deps: TrailDeps;
  /** Of the second day: in the middle of the writer's life. */
  let events: AuditEvent[];
  const record = (trail: ReturnType<typeof createAuditTrail>, objectId: string) =>
    trail.record({
      action: 'user.lock',
      outcome: 'success',
      actor: { kind: 'user', id: 'admin' },
      origin: { address: '192.0.2.1', userAgent: 'test/1', requestId: 'r' },
      objectType: 'User',
      objectId,
      before: { name: 'Ada' },
    });

  before(async () => {
    deps = await openTrailDeps();
  });
  after(() => deps.close());

  beforeEach(async () => {
    await deps.clear();
    const trails = [createAuditTrail(deps), createAuditTrail(deps)];
    for (const day of DAYS) {
      deps.setNow(`${day}T10:00:00.000Z`);
      for (let i = 0; i < 5; i++) for (const trail of trails) await record(trail, `u${i}`);
    }
    for (const trail of trails) await trail.close();
    const chain = (await deps.stored()).find((event) => event.chain.startsWith(DAYS[1]))?.chain;
    events = (await deps.stored()).filter((event) => event.chain === chain);
  });

  const at = (sequence: number): AuditEvent => events[sequence] as AuditEvent;
  const chain = () => at(0).chain;
  const set = (event: AuditEvent, fields: Partial<AuditEvent>) =>
    deps.models.auditEvents.updateOne({ _id: event._id }, { $set: fields });
  const faults = async () => (await verifyTrail(deps)).faults;
  const fault = (kind: string, sequence: number, event: AuditEvent | null) => [
    { day: DAYS[1], chain: chain(), sequence, kind, eventId: event?._id ?? null },
  ];
  /** Gives entries from `first` on hashes that agree with each other again, as anybody who can write can. */
  const rehash = async (first: number) => {
    const rest = await deps.models.auditEvents.find({ chain: chain() }).sort({ sequence: 1 }).lean();
    let previousHash = rest[first - 1]?.hash ?? at(0).previousHash;
    for (const event of rest.slice(first)) {
      const hash = hashEntry({ ...event, previousHash });
      await set(event, { previousHash, hash });
      previousHash = hash;
    }
  };

  it('is not found where nobody did', async () => {
    expect(await verifyTrail(deps)).to.deep.include({
      days: 3,
      chains: 6,
      entries: 30,
      unsigned: 0,
      cutBefore: null,
      adoptedAt: null,
      faults: [],
    });
  });

  it('is found: an entry edited', async () => {
    await set(at(2), { action: 'user.unlock' });
    expect(await faults()).to.deep.equal(fault('changed', 2, at(2)));
  });

  it('is found: an entry edited and every hash after it made anew', async () => {
    await set(at(2), { action: 'user.unlock' });
    await rehash(2);
    const [found] = await faults();
    expect(found).to.deep.include({ day: DAYS[1], chain: chain(), kind: 'rewritten' });
  });

  it('is found: a ciphertext exchanged', async () => {
    await set(at(2), { sealed: at(3).sealed ?? null });
    expect(await faults()).to.deep.equal(fault('changed', 2, at(2)));
  });

  it('is found: an entry deleted', async () => {
    await deps.models.auditEvents.deleteOne({ _id: at(2)._id });
    expect(await faults()).to.deep.equal(fault('missing', 2, null));
  });

  it('is found: an entry deleted and the gap closed', async () => {
    await deps.models.auditEvents.deleteOne({ _id: at(2)._id });
    await set(at(3), { sequence: 2 });
    await set(at(4), { sequence: 3 });
    expect(await faults()).to.deep.equal(fault('missing', 2, null));
  });

  it('is found: an entry deleted, the gap closed and every hash made anew', async () => {
    await deps.models.auditEvents.deleteOne({ _id: at(2)._id });
    await set(at(3), { sequence: 2 });
    await set(at(4), { sequence: 3 });
    await rehash(2);
    const [found] = await faults();
    expect(found).to.deep.include({ day: DAYS[1], chain: chain() });
    expect(found?.kind).to.be.oneOf(['rewritten', 'truncated']);
  });

  it('is found: an entry inserted, those after it moved on', async () => {
    await set(at(4), { sequence: 5 });
    await set(at(3), { sequence: 4 });
    await set(at(2), { sequence: 3 });
    const forged = { ...at(2), _id: at(2)._id.replace(/.{4}$/, '0000'), sequence: 2, actorId: 'somebody' };
    await deps.models.auditEvents.create({ ...forged, hash: hashEntry(forged) });
    expect(await faults()).to.deep.equal(fault('inserted', 2, forged));
  });

  it('is found: an entry added at the end of a day, with hashes that agree', async () => {
    const added = {
      ...at(4),
      _id: at(4)._id.replace(/.{4}$/, '0000'),
      sequence: 5,
      previousHash: at(4).hash,
    };
    await deps.models.auditEvents.create({ ...added, hash: hashEntry(added) });
    expect(await faults()).to.deep.equal(fault('inserted', 5, added));
  });

  it('is found: a chain that no process ever wrote', async () => {
    const forged = {
      ...at(0),
      _id: at(0)._id.replace(/.{4}$/, '0000'),
      chain: `${DAYS[1]}:nobody`,
      previousHash: '0'.repeat(64),
    };
    await deps.models.auditEvents.create({ ...forged, hash: hashEntry(forged) });
    const [found] = await faults();
    expect(found).to.deep.include({ day: DAYS[1], chain: forged.chain, kind: 'inserted', sequence: 0 });
  });

  for (const [one, other] of [
    [1, 3],
    [1, 2],
  ] as const) {
    it(`is found: entries ${one} and ${other} in each other’s place`, async () => {
      await set(at(one), { sequence: 99 });
      await set(at(other), { sequence: one });
      await set(at(one), { sequence: other });
      expect(await faults()).to.deep.equal(fault('moved', one, at(other)));
    });
  }

  it('is found: the end of a day cut off', async () => {
    await deps.models.auditEvents.deleteMany({ chain: chain(), sequence: { $gte: 3 } });
    expect(await faults()).to.deep.equal(fault('truncated', 3, null));
  });

  it('is found: the end of everything cut off', async () => {
    const last = (await deps.stored()).filter((event) => event.chain.startsWith(DAYS[2]));
    const end = last.at(-1);
    await deps.models.auditEvents.deleteOne({ _id: end?._id });
    expect(await faults()).to.deep.equal([
      { day: DAYS[2], chain: end?.chain, sequence: 4, kind: 'truncated', eventId: null },
    ]);
  });

  it('is found: a day removed', async () => {
    await deps.models.auditEvents.deleteMany({ chain: { $regex: `^${DAYS[1]}` } });
    const found = await faults();
    expect(found.map(({ day, kind, sequence }) => [day, kind, sequence])).to.deep.equal([
      [DAYS[1], 'dayMissing', 0],
      [DAYS[1], 'dayMissing', 0],
    ]);
  });

  it('is found: what one process wrote on a day removed', async () => {
    await deps.models.auditEvents.deleteMany({ chain: chain() });
    expect(await faults()).to.deep.equal(fault('chainMissing', 0, null));
  });

  describe('and with its checkpoints', () => {
    const checkpoints = () => deps.models.auditCheckpoints.find().sort({ _id: 1 }).lean();
    /** A checkpoint with other content under the old signature. */
    const forge = (jws: string, change: (said: Record<string, unknown>) => void) => {
      const [head, payload = '', signature] = jws.split('.');
      const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
      change(said);
      return [head, Buffer.from(JSON.stringify(said)).toString('base64url'), signature].join('.');
    };

    it('is found: one changed', async () => {
      const { _id, jws } = (await checkpoints())[2] ?? { _id: 0, jws: '' };
      const changed = forge(jws, (said) => {
        said['heads'] = [];
      });
      await deps.models.auditCheckpoints.updateOne({ _id }, { $set: { jws: changed } });
      expect((await faults())[0]).to.deep.include({ kind: 'checkpointForged', sequence: _id });
    });

    it('is found: one removed', async () => {
      await deps.models.auditCheckpoints.deleteOne({ _id: 3 });
      expect((await faults())[0]).to.deep.include({ kind: 'checkpointMissing', sequence: 3 });
    });

    it('is found: one exchanged for another that was signed', async () => {
      const [, second, third] = await checkpoints();
      await deps.models.auditCheckpoints.updateOne({ _id: third?._id }, { $set: { jws: second?.jws ?? '' } });
      expect((await faults())[0]).to.deep.include({ kind: 'checkpointForged', sequence: 3 });
    });

    it('is found: all removed', async () => {
      await deps.models.auditCheckpoints.deleteMany({});
      expect((await faults())[0]).to.deep.include({ kind: 'checkpointMissing', sequence: 1 });
    });

    it('is found: all made anew with a key of the forger’s own', async () => {
      const other = await openTrailDeps();
      const [first] = await checkpoints();
      await deps.models.auditCheckpoints.deleteMany({});
      const jws = await other.keys.sign(
        JSON.parse(Buffer.from(first?.jws.split('.')[1] ?? '', 'base64url').toString()),
        { typ: 'audit-checkpoint+jwt' },
      );
      await deps.models.auditCheckpoints.create({ _id: 1, at: deps.clock(), jws });
      await other.close();
      expect((await faults())[0]).to.deep.include({ kind: 'checkpointForged', sequence: 1 });
    });

    it('is found: a retention that no checkpoint signs', async () => {
      const last = (await checkpoints()).at(-1);
      const jws = forge(last?.jws ?? '', (said) => {
        said['cut'] = { before: DAYS[2], resumes: { n: 0, hash: '0'.repeat(64) }, starts: [] };
      });
      await deps.models.auditEvents.deleteMany({ chain: { $lt: DAYS[2] } });
      await deps.models.auditCheckpoints.updateOne({ _id: last?._id }, { $set: { jws } });
      const kinds = (await faults()).map(({ kind }) => kind);
      expect(kinds).to.include('checkpointForged').and.include('dayMissing');
    });

    it('is found by a checkpoint kept elsewhere: an end that was removed with its checkpoints', async () => {
      const newest = await newestCheckpoint(deps);
      const anchor = { n: newest?._id ?? 0, hash: checkpointHash(newest?.jws ?? '') };
      expect((await verifyTrail(deps, { anchor })).anchor).to.equal('found');
      // Back to what there was at the end of the first day.
      const old = (await checkpoints()).filter(({ at: signed }) => signed < new Date(DAYS[1]));
      await deps.models.auditCheckpoints.deleteMany({ _id: { $gt: old.at(-1)?._id ?? 0 } });
      await deps.models.auditEvents.deleteMany({ chain: { $gt: DAYS[1] } });
      const report = await verifyTrail(deps, { anchor });
      expect(report.anchor).to.equal('differs');
      expect(report.faults.map(({ kind }) => kind)).to.deep.equal(['checkpointDiffers']);
    });

    it('is found by the running process: checkpoints removed under it', async () => {
      const before = (await newestCheckpoint(deps))?._id ?? 0;
      const trail = createAuditTrail(deps);
      do await record(trail, 'u1');
      while ((await newestCheckpoint(deps))?._id === before);
      await deps.models.auditCheckpoints.deleteOne({ _id: before + 1 });
      await trail.close();
      expect((await faults()).map(({ kind }) => kind)).to.deep.equal(['checkpointMissing']);
      expect(deps.errors).to.deep.include({ expected: before + 1, found: before });
    });
  });

  it('verifies some days only when asked', async () => {
    await set(at(2), { action: 'user.unlock' });
    const report = await verifyTrail(deps, { from: DAYS[2], to: DAYS[2] });
    expect(report).to.deep.include({ days: 1, entries: 10, faults: [] });
    expect((await verifyTrail(deps, { from: DAYS[1] })).faults).to.have.length(1);
  });

  it('goes on verifying after the signing key was rotated away', async () => {
    const keys = await createKeyRing(deps);
    await keys.rotate({ discardOld: true });
    const trail = createAuditTrail({ ...deps, keys });
    await record(trail, 'u9');
    await trail.close();
    expect((await verifyTrail({ ...deps, keys })).faults).to.deep.equal([]);
    await keys.close();
  });

  it('counts what a killed process left behind its last checkpoint, and takes it for no fault', async () => {
    const trail = createAuditTrail(deps);
    for (let i = 0; i < 3; i++) await record(trail, 'u1');
    // Not closed: killed. The first checkpoint is on its way already.
    const report = await verifyTrail(deps);
    expect(report.faults).to.deep.equal([]);
    expect(report.entries).to.equal(33);
    expect(report.unsigned).to.be.within(1, 3);
    await trail.close();
    expect((await verifyTrail(deps)).unsigned).to.equal(0);
  });

  it('takes over a trail of before there were checkpoints, and says so', async () => {
    await deps.models.auditCheckpoints.deleteMany({});
    await deps.models.auditEvents.deleteMany({ chain: { $lt: DAYS[1] } });
    const trail = createAuditTrail(deps);
    await record(trail, 'u9');
    await trail.close();
    expect(await verifyTrail(deps)).to.deep.include({
      entries: 21,
      unsigned: 0,
      adoptedAt: deps.clock(),
      cutBefore: DAYS[1],
      faults: [],
    });
    await set(at(2), { action: 'user.unlock' });
    await rehash(2);
    expect((await faults())[0]).to.deep.include({ kind: 'rewritten', sequence: 4 });
  });
});
