import { expect } from 'chai';
import { mutate } from '../resolvers/mutate.js';
import { startApp, type TestApp } from '../support/app.js';

describe('what the owner of an account may not read', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it('is in no door to their data: why a moderator locked the account', async () => {
    const person = await app.signInAs();
    const until = new Date(app.clock().getTime() + 60_000).toISOString();
    const reason = 'reported by a neighbour';
    const admin = { token: await app.adminToken() };
    const locked = await mutate(app, 'lockUser', { id: `User:${person.id}`, until, reason }, admin);
    expect([locked.codes, locked.userErrors]).to.deep.equal([[], []]);
    app.clock.advance(61);
    const token = (await app.signIn(person)).accessToken;
    // The lock is over and its reason still stored, as after a token that outlived it.
    await app.deps.models.users.updateOne({ _id: person.id }, { $set: { lockReason: reason } });

    const exported = await mutate(app, 'exportAccountData', null, { token }, 'data');
    const me = await app.rest('/auth/me', { token });
    const userinfo = await app.rest('/oauth/userinfo', { token });
    const viewer = await app.graphql('{ viewer { id lockReason } }', {}, { token });
    const events = exported.payload.data.auditEvents as { action: string }[];
    expect(events.map(({ action }) => action)).to.include('user.lock');
    for (const { text, status } of [exported, me, userinfo, viewer]) {
      expect(status).to.equal(200);
      expect(text).not.to.include(reason);
    }
  });
});
