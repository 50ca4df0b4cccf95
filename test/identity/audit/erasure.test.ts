import { expect } from 'chai';
import { openEvents } from '../../../src/identity/audit/sealing.js';
import { destroySubjectKey } from '../../../src/identity/audit/subjectKeys.js';
import { createAuditTrail } from '../../../src/identity/audit/trail.js';
import { verifyTrail } from '../../../src/identity/audit/verifyTrail.js';
import type { AuditEntry } from '../../../src/identity/ports.js';
import { openTrailDeps, type TrailDeps } from './trailDeps.js';

const ADA = '192.0.2.10';
const ADMIN = '192.0.2.99';

describe('the personal data of the audit trail', () => {
  let deps: TrailDeps;
  let trail: ReturnType<typeof createAuditTrail>;
  const record = (entry: Partial<AuditEntry> = {}) =>
    trail.record({
      action: 'user.update',
      outcome: 'success',
      actor: { kind: 'user', id: 'ada' },
      origin: { address: ADA, userAgent: 'ada-browser', requestId: 'r' },
      objectType: 'User',
      objectId: 'ada',
      before: { name: 'Ada' },
      after: { name: 'Augusta' },
      ...entry,
    });
  const opened = async () => openEvents(deps, await deps.stored());
  const raw = async () => JSON.stringify(await deps.stored());

  before(async () => {
    deps = await openTrailDeps();
  });
  after(() => deps.close());
  beforeEach(async () => {
    await deps.clear();
    trail = createAuditTrail(deps);
  });
  afterEach(() => trail.close());

  it('is stored encrypted and reads as it was given', async () => {
    await record();
    for (const text of [ADA, 'ada-browser', 'Augusta']) expect(await raw()).not.to.include(text);
    expect((await opened())[0]).to.deep.include({
      address: ADA,
      userAgent: 'ada-browser',
      before: '{"name":"Ada"}',
      after: '{"name":"Augusta"}',
      erased: [],
    });
  });

  it('is gone with the key of the user, and the chain still verifies', async () => {
    await record();
    await destroySubjectKey(deps, 'ada');
    const [event] = await opened();
    expect(event).to.not.have.any.keys('address', 'userAgent', 'before', 'after', 'addressIndex');
    expect(event?.erased).to.have.members(['address', 'userAgent', 'before', 'after']);
    expect(event).to.include({ action: 'user.update', actorId: 'ada' });
    await trail.close();
    expect(await verifyTrail(deps)).to.deep.include({ entries: 1, faults: [] });
  });

  it('of an event with two people is each one’s own', async () => {
    await record({
      actor: { kind: 'user', id: 'admin' },
      origin: { address: ADMIN, userAgent: 'admin-browser', requestId: 'r' },
      reason: 'she asked on the phone',
    });
    expect(await raw()).not.to.include('phone');
    await destroySubjectKey(deps, 'ada');
    const [event] = await opened();
    expect(event).to.include({ address: ADMIN, userAgent: 'admin-browser' });
    expect(event?.erased).to.have.members(['before', 'after', 'reason']);
    await destroySubjectKey(deps, 'admin');
    expect((await opened())[0]?.erased).to.have.members([
      'before',
      'after',
      'reason',
      'address',
      'userAgent',
    ]);
  });

  it('is the account’s where somebody tried to sign in to it', async () => {
    await record({
      actor: { kind: 'anonymous' },
      action: 'user.signIn',
      outcome: 'denied',
      reason: 'wrongPassword',
    });
    expect(await raw()).not.to.include(ADA);
    expect((await opened())[0]).to.include({ address: ADA, reason: 'wrongPassword' });
  });

  it('comes back in no replica: the key of somebody who is gone is not made again', async () => {
    await record();
    await destroySubjectKey(deps, 'ada');
    const replica = createAuditTrail(deps);
    await replica.record({
      action: 'user.signIn',
      outcome: 'denied',
      actor: { kind: 'anonymous' },
      origin: { address: ADA, userAgent: 'x', requestId: 'r' },
      objectType: 'User',
      objectId: 'ada',
    });
    // The writer that still remembers the key writes what nobody can read.
    await record();
    await Promise.all([replica.close(), trail.close()]);
    for (const event of await opened()) {
      expect(event.erased).to.include('address');
      expect(event.address ?? null).to.equal(null);
    }
    expect((await verifyTrail(deps)).faults).to.deep.equal([]);
    expect((await deps.models.subjectKeys.findById('ada').lean())?.encryptedKey ?? null).to.equal(null);
  });

  it('has one key, however many replicas need it at once', async () => {
    const trails = Array.from({ length: 8 }, () => createAuditTrail(deps));
    const entry: AuditEntry = {
      action: 'user.signIn',
      outcome: 'success',
      actor: { kind: 'user', id: 'eve' },
      origin: { address: ADA, userAgent: 'x', requestId: 'r' },
    };
    await Promise.all(trails.map((one) => one.record(entry)));
    await Promise.all(trails.map((one) => one.close()));
    expect((await opened()).map(({ address }) => address)).to.deep.equal(Array(8).fill(ADA));
    expect(await deps.models.subjectKeys.countDocuments()).to.equal(1);
    expect((await verifyTrail(deps)).faults).to.deep.equal([]);
  });

  it('moved to another event, or damaged, opens for nobody and hides no other event', async () => {
    await record();
    await record({ after: { name: 'Countess' } });
    const [first, second] = await deps.stored();
    await deps.models.auditEvents.updateOne(
      { _id: first?._id },
      { $set: { sealed: second?.sealed ?? null } },
    );
    const [moved, intact] = await opened();
    expect(moved?.erased).to.include('after');
    expect(intact?.after).to.equal('{"name":"Countess"}');
  });

  it('leaves what is nobody’s as it is: machines, roles, clients', async () => {
    await record({
      actor: { kind: 'client', id: 'app' },
      objectType: 'Role',
      objectId: 'editor',
      before: { inherits: [] },
      after: { inherits: ['user'] },
    });
    const [event] = await deps.stored();
    expect(event).to.include({ address: ADA, after: '{"inherits":["user"]}' });
    expect(event).to.not.have.property('sealed');
  });

  it('of events from before it was encrypted reads as it is stored', async () => {
    await record();
    const [event] = await deps.stored();
    const { sealed: _sealed, addressIndex: _index, ...old } = event ?? {};
    await deps.models.auditEvents.deleteMany({});
    await deps.models.auditEvents.create({ ...old, address: ADA });
    expect((await opened())[0]).to.deep.include({ address: ADA, erased: [] });
  });
});
