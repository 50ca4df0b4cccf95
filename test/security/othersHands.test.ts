import { expect } from 'chai';
import { CALLBACK } from '../oauth/authorize/flow.js';
import { delegate, EXCHANGE_GRANT, secretOf, signedInTo } from '../oauth/exchange/exchange.js';
import { enrolTotp, signInWithTotp } from '../resolvers/authenticator.js';
import { mutate } from '../resolvers/mutate.js';
import { startApp, type TestApp } from '../support/app.js';

describe('in others’ hands', () => {
  let app: TestApp;
  before(async () => {
    const scopes = ['openid', 'account', 'users:write', 'orders'];
    app = await startApp({
      scopes: [{ name: 'orders', description: 'See your orders', rules: [] }],
      clients: [
        {
          clientId: 'web',
          secret: secretOf('web'),
          grantTypes: ['authorization_code'],
          redirectUris: [CALLBACK],
          scopes,
        },
        {
          clientId: 'house',
          secret: secretOf('house'),
          firstParty: true,
          grantTypes: ['authorization_code'],
          redirectUris: [CALLBACK],
          scopes,
        },
        {
          clientId: 'desk',
          secret: secretOf('desk'),
          grantTypes: [EXCHANGE_GRANT, 'client_credentials'],
          roles: ['hands'],
          scopes,
        },
      ],
      roles: [
        {
          name: 'hands',
          rules: [
            { id: 'see', actions: ['read'], subject: 'User', fields: ['id'] },
            {
              id: 'act',
              actions: ['manageFactors', 'recover', 'revokeSessions'],
              subject: 'User',
              fields: ['*'],
            },
          ],
        },
      ],
    });
  });
  after(() => app.close());

  const begin = (token: string) => mutate(app, 'beginTotpEnrollment', { name: 'Mine' }, { token }, 'seed');

  const askFor = (id: string, token: string) =>
    mutate(app, 'requestAssistedRecovery', { id, reason: 'known by voice' }, { token }, 'requestId');
  /** The first of two administrators has asked for the recovery of an account. */
  async function recoveryAskedFor() {
    const id = `User:${(await app.signUpAndConfirm()).id}`;
    const [first, second] = [await app.signInAs('admin'), await app.signInAs('admin')];
    const { requestId } = (await askFor(id, first.accessToken)).payload;
    return { id, requestId, first, second };
  }

  it('no factor is set up: neither by another’s app nor by whoever acts for the owner', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid account');
    const acted = await delegate(app, 'desk', accessToken);
    for (const token of [accessToken, acted.body.access_token]) {
      const { codes, payload } = await begin(token);
      expect([codes, payload?.seed ?? null]).to.deep.equal([['FORBIDDEN'], null]);
      expect((await mutate(app, 'addPasskeyOptions', null, { token })).codes).to.deep.equal(['FORBIDDEN']);
    }
    expect(await app.deps.models.factors.countDocuments({ userId: person.id })).to.equal(0);
    const ours = await signedInTo(app, 'house', 'openid account', { person });
    expect((await begin(ours.accessToken)).payload.seed).to.be.a('string');
  });

  it('no account is recovered: the second of two is not the first with the other’s token', async () => {
    const { id, requestId, second } = await recoveryAskedFor();
    const { accessToken } = await signedInTo(app, 'web', 'openid users:write', { person: second });
    const { body } = await delegate(app, 'desk', accessToken);
    const approved = await mutate(
      app,
      'approveAssistedRecovery',
      { id, requestId },
      { token: body.access_token },
      'url',
    );
    expect([approved.codes, approved.payload?.url ?? null]).to.deep.equal([['FORBIDDEN'], null]);
    const requested = await askFor(id, body.access_token);
    expect(requested.codes).to.deep.equal(['FORBIDDEN']);
  });

  it('no account is recovered on the word of who is an administrator no more', async () => {
    const { id, requestId, first, second } = await recoveryAskedFor();
    const approve = () =>
      mutate(app, 'approveAssistedRecovery', { id, requestId }, { token: second.accessToken }, 'url');
    const { users } = app.deps.models;
    for (const change of [{ roleAssignments: [{ role: 'user' }] }, { status: 'disabled' as const }]) {
      const before = await users.findById(first.id).lean();
      await users.updateOne({ _id: first.id }, { $set: change });
      const { payload, codes } = await approve();
      expect([codes, payload?.url ?? null], JSON.stringify(change)).to.deep.equal([['FORBIDDEN'], null]);
      await users.updateOne(
        { _id: first.id },
        { $set: { roleAssignments: before?.roleAssignments ?? [], status: 'active' } },
      );
    }
    expect((await approve()).payload.url).to.match(/\/reset-password\?token=/);
  });

  it('nobody is signed out everywhere by a session that has not shown the factor there is', async () => {
    const person = await app.signInAs();
    const phone = await enrolTotp(app, person.accessToken);
    const id = `User:${person.id}`;
    const weak = { token: person.accessToken };
    expect((await mutate(app, 'revokeOtherSessions', null, weak)).codes).to.deep.equal(['STEP_UP_REQUIRED']);
    expect((await mutate(app, 'revokeTokens', { user: id }, weak)).codes).to.deep.equal(['STEP_UP_REQUIRED']);
    const strong = { token: await signInWithTotp(app, person, phone) };
    const rest = await mutate(app, 'revokeOtherSessions', null, strong, 'revokedCount');
    expect([rest.codes, rest.payload.revokedCount]).to.deep.equal([[], 1]);
  });

  it('no session is ended by the token of an app that may not end it, nor by whoever acts for its owner', async () => {
    const { accessToken, person } = await signedInTo(app, 'web', 'openid orders');
    const acted = (await delegate(app, 'desk', accessToken)).body.access_token;
    const end = (token: string) => app.rest('/auth/logout', { method: 'POST', token });
    for (const token of [accessToken, acted]) {
      const { status, body } = await end(token);
      expect([status, body.error?.code]).to.deep.equal([403, 'FORBIDDEN']);
    }
    expect((await app.rest('/auth/me', { token: accessToken })).status).to.equal(200);
    const trusted = await signedInTo(app, 'web', 'openid account', { person });
    expect((await end(trusted.accessToken)).status).to.equal(204);
    // What an app was given a session of its own for, it ends by itself.
    const own = await app.signIn(person, 'openid');
    expect((await end(own.accessToken)).status).to.equal(204);
  });
});
