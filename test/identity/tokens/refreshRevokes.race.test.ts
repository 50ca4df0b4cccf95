import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import { afterRead } from '../../support/afterRead.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { refresh, type SignedIn, signIn, storeClient } from './signedIn.js';

describe('a client whose refresh ends the access tokens before it', () => {
  let test: TestDeps;
  let replica: TestDeps;
  let alice: SignedIn;

  beforeEach(async () => {
    test = await createTestDeps();
    replica = await createTestDeps({ replicaOf: test });
    const { _id } = await storeClient(test);
    const client = await test.deps.models.clients
      .findOneAndUpdate({ _id }, { $set: { refreshRevokesAccessTokens: true } }, { returnDocument: 'after' })
      .lean();
    alice = await signIn(test, { ...(client && { client }) });
  });
  afterEach(async () => {
    await replica.close();
    await test.close();
  });

  const refused = (token: string) => refusal(verifyAccessToken(test.deps, token), 'INVALID_TOKEN');
  const good = (token: string, at = test) => verifyAccessToken(at.deps, token);

  it('has one living access token after another', async () => {
    let { accessToken, refreshToken } = alice.tokens;
    for (let turn = 0; turn < 3; turn += 1) {
      test.clock.advance(60);
      await good(accessToken);
      const next = await refresh(test, alice.client, refreshToken);
      await refused(accessToken);
      await good(next.accessToken);
      ({ accessToken, refreshToken } = next);
    }
  });

  it('leaves the tokens of other sessions and of other clients alone', async () => {
    const elsewhere = await signIn(test, { user: alice.user, client: alice.client });
    const otherApp = await signIn(test, { user: alice.user, session: alice.session });
    test.clock.advance(1);
    await refresh(test, alice.client, alice.refreshToken);
    await good(elsewhere.tokens.accessToken);
    await good(otherApp.tokens.accessToken);
  });

  for (const count of [2, 20]) {
    it(`keeps the tokens of all ${count} who refresh at once, and ends the one before`, async () => {
      test.clock.advance(1);
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          refresh(index % 2 === 0 ? test : replica, alice.client, alice.refreshToken),
        ),
      );
      await Promise.all([test.deps.denylist.refresh(), replica.deps.denylist.refresh()]);
      for (const { accessToken } of answers) {
        await good(accessToken);
        await good(accessToken, replica);
      }
      await refused(alice.tokens.accessToken);
      await refusal(verifyAccessToken(replica.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
    });
  }

  it('gets a token that a revocation during the refresh refuses', async () => {
    const { models, denylist } = test.deps;
    const users = afterRead(models.users, async () => {
      await denylist.deny('client', alice.client._id);
      test.clock.advance(1);
    });
    const slow = { ...test, deps: { ...test.deps, models: { ...models, users } } };
    const { accessToken } = await refresh(slow, alice.client, alice.refreshToken);
    await refused(accessToken);
  });
});
