import { expect } from 'chai';
import { purgeDueAccounts } from '../../src/identity/accounts/deletion.js';
import {
  allowAll,
  authorize,
  follow,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
  WEB_SECRET,
} from '../oauth/authorize/flow.js';
import type { TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

const APPS =
  '{ viewer { connectedApps { clientId name scopes { name description } refusedClaims grantedAt } } }';

describe('connected apps', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  /** Somebody who let the app `web` in, and what it holds. */
  async function connected() {
    const { visitor, person } = await signedInVisitor(app);
    const { path, verifier } = requestOf({ scope: 'openid email offline_access' });
    const { body } = await redeem(app, (await authorize(app, visitor, path)).get('code'), verifier);
    const { accessToken: token } = await app.signIn(person);
    return { visitor, person, token, tokens: body };
  }

  it('are listed with what was granted, in the words of the consent page', async () => {
    const { token } = await connected();
    const { data, errors } = await app.graphql(APPS, {}, { token });
    expect(errors).to.deep.equal([]);
    expect(data.viewer.connectedApps).to.have.length(1);
    const [{ clientId, name, scopes, grantedAt }] = data.viewer.connectedApps;
    expect({ clientId, name }).to.deep.equal({ clientId: 'web', name: 'Photo Book' });
    expect(scopes[1]).to.deep.equal({ name: 'email', description: 'See your e-mail address' });
    expect(new Date(grantedAt).getTime()).to.be.closeTo(app.clock().getTime(), 60_000);
  });

  it('are listed with the claims that were left out', async () => {
    const { visitor, person } = await signedInVisitor(app);
    const page = await follow(app, visitor, await visitor.open(requestOf().path));
    const { 'choice.claim.email_verified': _left, ...ticked } = allowAll(page);
    await follow(app, visitor, await visitor.send(page, ticked));
    const { accessToken: token } = await app.signIn(person);
    const { data } = await app.graphql(APPS, {}, { token });
    expect(data.viewer.connectedApps[0].refusedClaims).to.deep.equal(['email_verified']);
  });

  it('lose everything that they hold when the consent is revoked, and have to ask again', async () => {
    const { visitor, person, token, tokens } = await connected();
    const other = await connected();
    const bearer = { token };
    const code = (await authorize(app, visitor, requestOf().path)).get('code');
    const { payload, errors } = await mutate(app, 'revokeConsent', { clientId: 'web' }, bearer, 'revoked');
    expect(errors).to.deep.equal([]);
    expect(payload).to.include({ revoked: true });
    expect((await app.rest('/oauth/userinfo', { token: tokens.access_token })).status).to.equal(401);
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const refreshed = await app.rest('/oauth/token', { form, basic: ['web', WEB_SECRET] });
    expect(refreshed.body.error).to.equal('invalid_grant');
    expect((await redeem(app, code, 'v'.repeat(43))).body.error).to.equal('invalid_grant');
    expect((await app.graphql(APPS, {}, bearer)).data.viewer.connectedApps).to.deep.equal([]);
    const silent = await visitor.open(requestOf({ prompt: 'none' }).path);
    expect(silent.headers.get('location')).to.include('error=consent_required');
    const event = await app.deps.models.auditEvents
      .findOne({ action: 'consent.revoke', actorId: person.id })
      .lean();
    expect(event).to.include({ objectId: 'web', outcome: 'success' });
    // Somebody else's are not touched.
    expect((await app.rest('/oauth/userinfo', { token: other.tokens.access_token })).status).to.equal(200);
  });

  it('take back a code that is on its way', async () => {
    const { visitor, token } = await connected();
    const { path, verifier } = requestOf();
    const code = (await authorize(app, visitor, path)).get('code');
    await mutate(app, 'revokeConsent', { clientId: 'web' }, { token });
    expect((await redeem(app, code, verifier)).body.error).to.equal('invalid_grant');
  });

  it('are nothing to revoke where there is no consent, and nobody revokes without a sign-in', async () => {
    const { token } = await connected();
    const unknown = await mutate(app, 'revokeConsent', { clientId: 'nobody' }, { token }, 'revoked');
    expect(unknown.payload).to.include({ revoked: false });
    expect((await mutate(app, 'revokeConsent', { clientId: 'web' })).codes).to.deep.equal([
      'UNAUTHENTICATED',
    ]);
  });

  it('are no business of an app that was given no `account` scope', async () => {
    const { tokens } = await connected();
    const bearer = { token: tokens.access_token };
    const { data, errors } = await app.graphql(APPS, {}, bearer);
    expect(data.viewer?.connectedApps ?? null).to.equal(null);
    expect(errors.map(({ extensions }) => extensions.code)).to.include('FORBIDDEN');
    const { codes } = await mutate(app, 'revokeConsent', { clientId: 'web' }, bearer);
    expect(codes).to.deep.equal(['FORBIDDEN']);
  });

  it('are part of the export, and gone with the account', async () => {
    const { token, person } = await connected();
    const { data } = await app.graphql('mutation { exportAccountData { data } }', {}, { token });
    expect(data.exportAccountData.data.consents[0]).to.include({ clientId: 'web' });
    await app.deps.models.users.updateOne({ _id: person.id }, { $set: { deletionScheduledAt: app.clock() } });
    await purgeDueAccounts(app.deps);
    expect(await app.deps.models.consents.countDocuments({ userId: person.id })).to.equal(0);
    expect(await app.deps.models.authorizationCodes.countDocuments({ userId: person.id })).to.equal(0);
  });
});
