import { expect } from 'chai';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';
import { refresh, signIn } from './signedIn.js';

describe('parallel refreshes with one token', () => {
  let test: TestDeps;
  let replica: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
    replica = await createTestDeps({ replicaOf: test });
  });
  afterEach(async () => {
    await replica.close();
    await test.close();
  });

  for (const count of [2, 20, 200]) {
    it(`${count} of them: one family, one successor, nobody signed out`, async () => {
      const alice = await signIn(test);
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          refresh(index % 2 === 0 ? test : replica, alice.client, alice.refreshToken),
        ),
      );
      const successors = new Set(answers.map(({ refreshToken }) => refreshToken));
      expect(successors.size).to.equal(1);
      const families = await test.deps.models.refreshFamilies.find().lean();
      expect(families).to.have.lengthOf(1);
      expect(families[0]).to.include({ counter: 1, rotations: 1, replays: count - 1 });
      expect(families[0]?.revokedAt).to.equal(undefined);
      for (const { accessToken } of answers) await verifyAccessToken(test.deps, accessToken);
      const [successor] = successors;
      await refresh(test, alice.client, successor ?? null);
      await test.settled();
      expect(test.mails).to.deep.equal([]);
    });
  }

  it('a thief and the owner, long after: the family ends once, with one mail', async () => {
    const alice = await signIn(test);
    const next = await refresh(test, alice.client, alice.refreshToken);
    await refresh(test, alice.client, next.refreshToken);
    test.clock.advance(3600);
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        refresh(index % 2 === 0 ? test : replica, alice.client, alice.refreshToken),
      ),
    );
    for (const attempt of attempts) expect(attempt.status).to.equal('rejected');
    await Promise.all([test.settled(), replica.settled()]);
    expect([...test.mails, ...replica.mails]).to.have.lengthOf(1);
    expect(await test.deps.models.auditEvents.countDocuments({ action: 'token.reuse' })).to.equal(1);
  });

  it('leaves a trail that tells a race from a theft, and both are counted on the family', async () => {
    const alice = await signIn(test);
    await Promise.all([
      refresh(test, alice.client, alice.refreshToken),
      refresh(replica, alice.client, alice.refreshToken),
    ]);
    await Promise.all([test.settled(), replica.settled()]);
    const actions = async () => {
      const found = await test.deps.models.auditEvents
        .find({ action: { $in: ['token.replay', 'token.reuse'] } })
        .lean();
      return found.map(({ action, outcome }) => `${action} ${outcome}`).sort();
    };
    expect(await actions()).to.deep.equal(['token.replay success']);
    const [family] = await test.deps.models.refreshFamilies.find().lean();
    expect(family).to.include({ rotations: 1, replays: 1 });
    expect(family?.lastReplayAt).to.be.an.instanceOf(Date);

    test.clock.advance(3600);
    await Promise.allSettled([
      refresh(test, alice.client, alice.refreshToken),
      refresh(replica, alice.client, alice.refreshToken),
    ]);
    await Promise.all([test.settled(), replica.settled()]);
    expect(await actions()).to.deep.equal(['token.replay success', 'token.reuse denied']);
  });
});
