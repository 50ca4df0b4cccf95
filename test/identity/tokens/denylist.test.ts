import { expect } from 'chai';
import { createDenylist, type RunningDenylist } from '../../../src/identity/tokens/denylist.js';
import { createInProcessStore } from '../../../src/stores/inProcess.js';
import { eventually } from '../../stores/ephemeral.contract.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';

describe('the denylist', () => {
  let test: TestDeps;
  let list: RunningDenylist;

  beforeEach(async () => {
    test = await createTestDeps();
    list = test.deps.denylist;
  });
  afterEach(() => test.close());

  const token = (over: object = {}) => ({
    jti: 'token-1',
    sid: 'session-1',
    sub: 'user-1',
    clientId: 'client-1',
    issuedAtSeconds: test.clock().getTime() / 1000,
    ...over,
  });

  it('denies nothing at first', () => {
    expect(list.isDenied(token())).to.equal(false);
  });

  it('denies one token, whenever it was issued', async () => {
    await list.deny('jti', 'token-1');
    expect(list.isDenied(token())).to.equal(true);
    expect(list.isDenied(token({ issuedAtSeconds: 9e9 }))).to.equal(true);
    expect(list.isDenied(token({ jti: 'token-2' }))).to.equal(false);
  });

  it('denies every token of a session, whenever it was issued: a session does not come back', async () => {
    await list.deny('sid', 'session-1');
    expect(list.isDenied(token({ issuedAtSeconds: 9e9 }))).to.equal(true);
    expect(list.isDenied(token({ sid: 'session-2' }))).to.equal(false);
    expect(list.isDenied(token({ sid: undefined }))).to.equal(false);
  });

  for (const [kind, id, other] of [
    ['user', 'user-1', { sub: 'user-2' }],
    ['client', 'client-1', { clientId: 'client-2' }],
    ['sid', 'session-1:client-1', { clientId: 'client-2' }],
    ['everything', '', null],
  ] as const) {
    it(`denies what was issued before the mark on ${kind} ${id}, and nothing after it`, async () => {
      const before = token();
      await list.deny(kind, id);
      expect(list.isDenied(before)).to.equal(true);
      if (other) expect(list.isDenied({ ...before, ...other })).to.equal(false);
      const issuedAtSeconds = list.issuanceTimeMilliseconds(before) / 1000;
      expect(list.isDenied(token({ issuedAtSeconds }))).to.equal(false);
    });
  }

  it('tells a token of the same second before the mark from one after it', async () => {
    const started = test.clock().getTime();
    await list.deny('user', 'user-1');
    const mark = (await test.deps.models.revocations.findOne().lean())?.issuedBefore.getTime() ?? 0;
    expect(mark - started).to.be.below(1000);
    expect(list.isDenied(token({ issuedAtSeconds: (mark - 1) / 1000 }))).to.equal(true);
    expect(list.isDenied(token({ issuedAtSeconds: mark / 1000 }))).to.equal(true);
    expect(list.isDenied(token({ issuedAtSeconds: (mark + 1) / 1000 }))).to.equal(false);
  });

  it('issues after every known mark, also one of a replica whose clock runs ahead', async () => {
    const ahead = await createDenylist({
      ...test.deps,
      clock: () => new Date(test.clock().getTime() + 5000),
    });
    await ahead.deny('user', 'user-1');
    await list.refresh();
    const issuedAtSeconds = list.issuanceTimeMilliseconds(token()) / 1000;
    expect(list.isDenied(token())).to.equal(true);
    expect(list.isDenied(token({ issuedAtSeconds }))).to.equal(false);
    expect(list.issuanceTimeMilliseconds(token({ sub: 'user-2' }))).to.be.closeTo(
      test.clock().getTime(),
      1000,
    );
    await ahead.close();
  });

  it('denies by a mark what was issued after an earlier one that lies ahead', async () => {
    for (const [kind, id] of [
      ['user', 'user-1'],
      ['sid', 'session-1:client-1'],
      ['everything', ''],
    ] as const) {
      await list.deny('client', 'client-1');
      const issuedAtSeconds = list.issuanceTimeMilliseconds(token()) / 1000;
      expect(list.isDenied(token({ issuedAtSeconds })), kind).to.equal(false);
      await list.deny(kind, id);
      expect(list.isDenied(token({ issuedAtSeconds })), kind).to.equal(true);
    }
  });

  it('reaches the other replicas by message', async () => {
    const other = await createTestDeps({ replicaOf: test });
    await list.deny('user', 'user-1');
    await eventually(() => other.deps.denylist.isDenied(token({ issuedAtSeconds: 1 })));
    await other.close();
  });

  it('reaches a replica that missed the message by the poll', async () => {
    const deaf = await createTestDeps({ replicaOf: test, ephemeral: createInProcessStore() });
    const early = token();
    await list.deny('user', 'user-1');
    await deaf.deps.denylist.refresh();
    expect(deaf.deps.denylist.isDenied(early)).to.equal(true);
    test.clock.advance(60);
    await list.deny('sid', 'session-7');
    await deaf.deps.denylist.refresh();
    expect(deaf.deps.denylist.isDenied(token({ sid: 'session-7' }))).to.equal(true);
    await deaf.close();
  });

  it('holds after a restart', async () => {
    const early = token();
    await list.deny('user', 'user-1');
    const restarted = await createDenylist(test.deps);
    expect(restarted.isDenied(early)).to.equal(true);
    await restarted.close();
  });

  it('forgets a mark when the last token it could deny has expired, and not before', async () => {
    const early = token();
    await list.deny('user', 'user-1');
    test.clock.advance(3600);
    await list.refresh();
    expect(list.isDenied(early)).to.equal(true);
    test.clock.advance(601);
    await list.refresh();
    expect(list.isDenied(early)).to.equal(false);
  });

  it('never moves a mark back', async () => {
    await list.deny('user', 'user-1');
    const before = await test.deps.models.revocations.findOne().lean();
    const behind = await createDenylist({
      ...test.deps,
      clock: () => new Date(test.clock().getTime() - 5000),
    });
    await behind.deny('user', 'user-1');
    const after = await test.deps.models.revocations.findOne().lean();
    expect(after?.issuedBefore).to.be.at.least(before?.issuedBefore ?? new Date(Number.NaN));
    await behind.close();
  });

  it('takes no part of a message that is none', async () => {
    for (const message of [
      '',
      '{}',
      'null',
      '[]',
      '{"_id":"user:user-1"}',
      '{"_id":"everything","kind":"everything","issuedBefore":"x","expiresAt":"x","updatedAt":"x"}',
    ]) {
      await test.deps.ephemeral.publish('revocations', message);
    }
    await list.deny('jti', 'token-9');
    expect(list.isDenied(token())).to.equal(false);
  });
});
