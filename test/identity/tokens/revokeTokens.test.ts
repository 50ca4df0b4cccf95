import { expect } from 'chai';
import { authenticateRequest } from '../../../src/identity/sessions/authenticate.js';
import { type RevokeTarget, revokeTokens } from '../../../src/identity/tokens/revokeTokens.js';
import type { Client } from '../../../src/models/client.js';
import { eventually } from '../../stores/ephemeral.contract.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { refresh, type SignedIn, signIn } from './signedIn.js';

const ADMIN = { kind: 'user', id: 'an-admin' } as const;

describe('revoking all tokens', () => {
  let test: TestDeps;
  let replica: TestDeps;
  let alice: SignedIn;
  let aliceElsewhere: SignedIn;
  let bob: SignedIn;

  beforeEach(async () => {
    test = await createTestDeps();
    replica = await createTestDeps({ replicaOf: test });
    alice = await signIn(test, { withCookie: true });
    aliceElsewhere = await signIn(test, { user: alice.user, withCookie: true });
    bob = await signIn(test, { client: alice.client, withCookie: true });
  });
  afterEach(async () => {
    await replica.close();
    await test.close();
  });

  const revoke = (target: RevokeTarget) => revokeTokens(test.deps, target, ADMIN, ORIGIN);
  const state = async (signedIn: SignedIn, at = test) => {
    const accessToken = await authenticateRequest(
      at.deps,
      { bearer: signedIn.tokens.accessToken },
      ORIGIN,
    ).then(
      () => 'good',
      () => 'refused',
    );
    const byCookie = await authenticateRequest(at.deps, { cookie: signedIn.cookieValue ?? '' }, ORIGIN);
    const refreshToken = await refresh(at, signedIn.client, signedIn.refreshToken).then(
      () => 'good',
      () => 'refused',
    );
    return { accessToken, refreshToken, cookie: byCookie.user ? 'good' : 'refused' };
  };
  const GOOD = { accessToken: 'good', refreshToken: 'good', cookie: 'good' };
  const GONE = { accessToken: 'refused', refreshToken: 'refused', cookie: 'refused' };

  it('of a user ends everything of that user and nothing of others, on every replica', async () => {
    await revoke({ kind: 'user', id: alice.user._id });
    expect(await state(alice)).to.deep.equal(GONE);
    expect(await state(aliceElsewhere)).to.deep.equal(GONE);
    expect(await state(bob)).to.deep.equal(GOOD);
    await eventually(() => replica.deps.denylist.isDenied(ofUser(alice)));
    expect(await state(alice, replica)).to.deep.equal(GONE);
  });

  it('of a user lets that user sign in again at once', async () => {
    await revoke({ kind: 'user', id: alice.user._id });
    const user = await test.deps.models.users.findOne({ _id: alice.user._id }).orFail().lean();
    expect(await state(await signIn(test, { user, withCookie: true }))).to.deep.equal(GOOD);
  });

  it('of a client ends its tokens, while browser sessions and other clients live on', async () => {
    await revoke({ kind: 'client', id: alice.client._id });
    // Grants of the first second are over too: see the next test.
    test.clock.advance(1);
    expect(await state(alice)).to.deep.equal({ ...GONE, cookie: 'good' });
    expect(await state(bob)).to.deep.equal({ ...GONE, cookie: 'good' });
    expect(await state(aliceElsewhere)).to.deep.equal(GOOD);
    const client = await test.deps.models.clients.findOne({ _id: alice.client._id }).orFail().lean();
    expect(await state(await signIn(test, { client, withCookie: true }))).to.deep.equal(GOOD);
  });

  it('of a client ends what another replica still gives by what it knew of the client', async () => {
    const clientId = alice.client._id;
    await revoke({ kind: 'client', id: clientId });
    const late = await signIn(replica, { user: alice.user, client: alice.client });
    const client = await test.deps.models.clients.findById(clientId).lean<Client>();
    if (!client) throw new Error('the client is gone');
    await refusal(refresh(test, client, late.refreshToken), 'INVALID_GRANT');
    test.clock.advance(1);
    const next = await signIn(test, { user: alice.user, client });
    expect((await refresh(test, client, next.refreshToken)).accessToken).to.be.a('string');
  });

  it('of a session ends that one', async () => {
    await revoke({ kind: 'session', id: alice.session._id });
    expect(await state(alice)).to.deep.equal(GONE);
    expect(await state(aliceElsewhere)).to.deep.equal(GOOD);
  });

  it('everywhere ends everything, the signing keys included, and new tokens are good at once', async () => {
    const before = test.deps.keys.publicJwks().keys.map((key) => key.kid);
    await revoke({ kind: 'everything' });
    for (const each of [alice, aliceElsewhere, bob]) expect(await state(each)).to.deep.equal(GONE);
    const after = test.deps.keys.publicJwks().keys.map((key) => key.kid);
    expect(after).to.have.lengthOf(2);
    expect(after, 'what had signed is gone').to.not.include(before[0]);
    const anew = await signIn(test, { withCookie: true });
    expect(await state(anew)).to.deep.equal(GOOD);
    await eventually(() => replica.deps.denylist.isDenied(ofUser(alice)));
    expect(await state(bob, replica)).to.deep.equal(GONE);
    expect(await state(await signIn(replica, { withCookie: true }))).to.deep.equal(GOOD);
  });

  it('holds after a restart', async () => {
    await revoke({ kind: 'user', id: alice.user._id });
    const restarted = await createTestDeps({ replicaOf: test });
    expect(await state(alice, restarted)).to.deep.equal(GONE);
    await restarted.close();
  });

  it('is audited with who did it', async () => {
    await revoke({ kind: 'user', id: alice.user._id });
    const [event] = await test.deps.models.auditEvents.find({ action: 'token.revokeAll' }).lean();
    expect(event).to.include({ actorId: 'an-admin', objectType: 'User', objectId: alice.user._id });
  });

  it('of what does not exist is refused', async () => {
    for (const kind of ['user', 'client', 'session'] as const) {
      await refusal(revoke({ kind, id: 'nobody' }), 'NOT_FOUND');
      await refusal(revoke({ kind }), 'BAD_USER_INPUT');
    }
    expect(await state(alice)).to.deep.equal(GOOD);
  });

  function ofUser({ user, client, session }: SignedIn) {
    return { jti: '', sub: user._id, clientId: client._id, sid: session._id, issuedAtSeconds: 1 };
  }
});
