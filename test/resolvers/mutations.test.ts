import { expect } from 'chai';
import { GOOD_PASSWORD, startApp, type TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

const OTHER_PASSWORD = 'granite Tulip 77 sails east';

type SignedIn = Awaited<ReturnType<TestApp['signInAs']>>;

describe('mutations on the own account', () => {
  let app: TestApp;
  let me: SignedIn;
  let token: string;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());
  beforeEach(async () => {
    me = await app.signInAs();
    token = me.accessToken;
  });

  it('changes the profile, keeps what is left out, clears what is null', async () => {
    const selection = 'user { name nickname address { locality country } }';
    const first = await mutate(
      app,
      'updateProfile',
      { name: 'Mia', nickname: 'M', address: { locality: 'Riga' } },
      { token },
      selection,
    );
    expect(first.payload).to.deep.equal({
      userErrors: [],
      user: { name: 'Mia', nickname: 'M', address: { locality: 'Riga', country: null } },
    });
    const second = await mutate(app, 'updateProfile', { nickname: null }, { token }, selection);
    expect(second.payload.user).to.deep.equal({
      name: 'Mia',
      nickname: null,
      address: { locality: 'Riga', country: null },
    });
  });

  it('tells where a value of the profile is wrong and changes nothing', async () => {
    const { userErrors, payload } = await mutate(
      app,
      'updateProfile',
      { name: 'Mia', birthdate: '31.02.2000' },
      { token },
      'user { id }',
    );
    expect(payload.user).to.equal(null);
    expect(userErrors[0]).to.deep.include({ code: 'BAD_USER_INPUT', path: ['input', 'birthdate'] });
    expect((await app.graphql('{ viewer { name } }', {}, { token })).data.viewer.name).to.equal(null);
  });

  it('refuses a username that somebody else has', async () => {
    await app.signUpAndConfirm({ username: 'taken' });
    const { userErrors } = await mutate(app, 'updateProfile', { username: 'TAKEN' }, { token });
    expect(userErrors[0]).to.deep.include({ code: 'CONFLICT', path: ['input', 'username'] });
  });

  it('changes the password, ends the other sessions and keeps this one', async () => {
    const elsewhere = await app.signIn(me);
    const wrong = await mutate(
      app,
      'changePassword',
      { currentPassword: 'wrong', newPassword: OTHER_PASSWORD },
      { token },
    );
    expect(wrong.userErrors[0]?.code).to.equal('INVALID_CREDENTIALS');
    const { payload } = await mutate(
      app,
      'changePassword',
      { currentPassword: me.password, newPassword: OTHER_PASSWORD },
      { token },
      'changed',
    );
    expect(payload.changed).to.equal(true);
    expect((await app.graphql('{ viewer { id } }', {}, { token })).data.viewer).to.not.equal(null);
    expect((await app.graphql('{ viewer { id } }', {}, { token: elsewhere.accessToken })).status).to.equal(
      401,
    );
    await app.signIn({ email: me.email, password: OTHER_PASSWORD });
  });

  it('resets a forgotten password by the mailed link, once', async () => {
    const asked = await mutate(app, 'requestPasswordReset', { identifier: me.email }, {}, 'accepted');
    const unknown = await mutate(
      app,
      'requestPasswordReset',
      { identifier: 'nobody@example.com' },
      {},
      'accepted',
    );
    expect(asked.body).to.deep.equal(unknown.body);
    const letter = await app.lastLetterTo(me.email);
    const input = { token: letter.token, newPassword: OTHER_PASSWORD };
    expect((await mutate(app, 'resetPassword', input, {}, 'changed')).payload.changed).to.equal(true);
    const again = await mutate(app, 'resetPassword', input, {}, 'changed');
    expect(again.payload.changed).to.equal(false);
    expect(again.userErrors[0]?.code).to.equal('CODE_INVALID');
    expect((await app.graphql('{ viewer { id } }', {}, { token })).status).to.equal(401);
  });

  it('resets a forgotten password by the mailed code, or by the link, not by both or neither', async () => {
    await mutate(app, 'requestPasswordReset', { identifier: me.email }, {}, 'accepted');
    const { code, token: link } = await app.lastLetterTo(me.email);
    const newPassword = OTHER_PASSWORD;
    const contact = me.email;
    for (const given of [{}, { code }, { contact }, { token: link, code }, { token: link, contact, code }]) {
      const refused = await mutate(app, 'resetPassword', { ...given, newPassword }, {}, 'changed');
      expect(refused.userErrors[0]?.code, JSON.stringify(given)).to.equal('BAD_USER_INPUT');
    }
    const done = await mutate(app, 'resetPassword', { contact, code, newPassword }, {}, 'changed');
    expect(done.payload.changed, done.text).to.equal(true);
    await app.signIn({ email: me.email, password: newPassword });
  });

  it('changes the e-mail address when the new one is confirmed', async () => {
    const newEmail = `new.${me.email}`;
    const asked = await mutate(app, 'changeEmail', { newEmail }, { token }, 'accepted');
    expect(asked.payload.accepted).to.equal(true);
    const letter = await app.lastLetterTo(newEmail);
    expect((await app.graphql('{ viewer { email } }', {}, { token })).data.viewer.email).to.equal(me.email);
    await mutate(app, 'confirmEmail', { token: letter.token });
    expect((await app.graphql('{ viewer { email } }', {}, { token })).data.viewer.email).to.equal(newEmail);
  });

  it('changes the phone by the code of the text message', async () => {
    const newPhone = '+442079460123';
    await mutate(app, 'changePhone', { newPhone }, { token });
    const { code } = await app.lastLetterTo(newPhone);
    const confirmed = await mutate(app, 'confirmPhone', { phone: newPhone, code }, {}, 'confirmed');
    expect(confirmed.payload.confirmed).to.equal(true);
    const { data } = await app.graphql('{ viewer { phone phoneVerified } }', {}, { token });
    expect(data.viewer).to.deep.equal({ phone: newPhone, phoneVerified: true });
  });

  it('resends a confirmation and says nothing about whether there is one to send', async () => {
    const { email } = await app.signUp();
    await app.settled();
    const known = await mutate(app, 'resendConfirmation', { email }, {}, 'accepted');
    const unknown = await mutate(app, 'resendConfirmation', { email: 'nobody@example.com' }, {}, 'accepted');
    expect(known.body).to.deep.equal(unknown.body);
    const { code } = await app.lastLetterTo(email);
    const confirmed = await mutate(app, 'confirmEmail', { email, code }, {}, 'confirmed');
    expect(confirmed.payload.confirmed).to.equal(true);
  });

  it('schedules the deletion of the account and takes it back', async () => {
    const wrong = await mutate(app, 'deleteAccount', { password: 'wrong' }, { token }, 'deletionScheduledAt');
    expect(wrong.userErrors[0]?.code).to.equal('INVALID_CREDENTIALS');
    const asked = await mutate(
      app,
      'deleteAccount',
      { password: me.password },
      { token },
      'deletionScheduledAt',
    );
    const due = Date.parse(asked.payload.deletionScheduledAt) - app.clock().getTime();
    expect(due / 1000).to.be.closeTo(app.config.accounts.deletionGraceSeconds, 5);
    const kept = await mutate(app, 'cancelAccountDeletion', null, { token }, 'cancelled');
    expect(kept.payload.cancelled).to.equal(true);
    const { data } = await app.graphql('{ viewer { deletionScheduledAt } }', {}, { token });
    expect(data.viewer.deletionScheduledAt).to.equal(null);
  });

  it('exports the data of the account without a secret', async () => {
    const { payload, text } = await mutate(app, 'exportAccountData', null, { token }, 'data');
    expect(JSON.stringify(payload.data)).to.contain(me.email);
    expect(text).to.not.match(/passwordHash|argon2|cookieHash|tokenHash/);
  });

  it('ends one session by its id, and all others', async () => {
    const elsewhere = await app.signIn(me);
    const list =
      '{ viewer { sessions { nodes { id current refreshFamilies { rotations replays lastReplay } refreshFamily { rotations replays lastReplay } } } } }';
    const { nodes } = (await app.graphql(list, {}, { token })).data.viewer.sessions;
    const other = nodes.find(({ current }: { current: boolean }) => !current);
    const revoked = await mutate(
      app,
      'revokeSession',
      { id: other.id },
      { token },
      'session { id revokedAt }',
    );
    expect(revoked.payload.session.revokedAt).to.be.a('string');
    expect((await app.graphql('{ viewer { id } }', {}, { token: elsewhere.accessToken })).status).to.equal(
      401,
    );

    await app.signIn(me);
    await app.signIn(me);
    const rest = await mutate(app, 'revokeOtherSessions', null, { token }, 'revokedCount');
    expect(rest.payload.revokedCount).to.equal(2);
    expect((await app.graphql(list, {}, { token })).data.viewer.sessions.nodes).to.have.length(1);
  });
});

describe('mutations of administrators', () => {
  let app: TestApp;
  let token: string;
  before(async () => {
    app = await startApp();
    token = await app.adminToken();
  });
  after(() => app.close());

  it('creates, changes, locks, unlocks and re-roles a user', async () => {
    const created = await mutate(
      app,
      'createUser',
      {
        email: 'made@example.com',
        emailVerified: true,
        password: GOOD_PASSWORD,
        attributes: { department: 'sales', level: 3, tags: ['a'] },
        roles: ['user'],
      },
      { token },
      'user { id email attributes roles { name } }',
    );
    expect(created.userErrors).to.deep.equal([]);
    const { id, ...rest } = created.payload.user;
    expect(rest).to.deep.equal({
      email: 'made@example.com',
      attributes: { department: 'sales', level: 3, tags: ['a'] },
      roles: [{ name: 'user' }],
    });

    const updated = await mutate(
      app,
      'updateUser',
      { id, name: 'Made', attributes: { department: 'support' } },
      { token },
      'user { name attributes }',
    );
    expect(updated.payload.user).to.deep.equal({ name: 'Made', attributes: { department: 'support' } });

    const signedIn = await app.signIn({ email: 'made@example.com', password: GOOD_PASSWORD });
    const locked = await mutate(
      app,
      'lockUser',
      { id, reason: 'asked odd questions' },
      { token },
      'user { status lockReason lockedUntil }',
    );
    expect(locked.payload.user).to.deep.equal({
      status: 'LOCKED',
      lockReason: 'asked odd questions',
      lockedUntil: null,
    });
    expect((await app.graphql('{ viewer { id } }', {}, { token: signedIn.accessToken })).status).to.equal(
      401,
    );
    const unlocked = await mutate(app, 'unlockUser', { id }, { token }, 'user { status }');
    expect(unlocked.payload.user.status).to.equal('ACTIVE');

    const validUntil = new Date(app.clock().getTime() + 60_000).toISOString();
    const roled = await mutate(
      app,
      'setUserRoles',
      { id, roles: [{ role: 'user' }, { role: 'moderator', validUntil }] },
      { token },
      'user { roles { name } roleAssignments { role validUntil } }',
    );
    expect(roled.payload.user).to.deep.equal({
      roles: [{ name: 'user' }, { name: 'moderator' }],
      roleAssignments: [
        { role: 'user', validUntil: null },
        { role: 'moderator', validUntil },
      ],
    });
    app.clock.advance(61);
    const later = await app.graphql(
      'query ($id: ID!) { user(id: $id) { roles { name } } }',
      { id },
      { token },
    );
    expect(later.data.user.roles).to.deep.equal([{ name: 'user' }]);
  });

  it('refuses taken identifiers, unknown roles and the loss of the last administrator', async () => {
    const taken = await mutate(app, 'createUser', { email: app.admin.email }, { token });
    expect(taken.userErrors[0]).to.deep.include({ code: 'CONFLICT', path: ['input', 'email'] });
    const { id } = await app.signUpAndConfirm();
    const unknown = await mutate(
      app,
      'setUserRoles',
      { id: `User:${id}`, roles: [{ role: 'emperor' }] },
      { token },
    );
    expect(unknown.userErrors[0]?.code).to.equal('BAD_USER_INPUT');
    const root = await app.deps.models.users.findOne({ usernameNormalized: 'root' }).lean();
    const last = await mutate(
      app,
      'setUserRoles',
      { id: `User:${root?._id}`, roles: [{ role: 'user' }] },
      { token },
    );
    expect(last.userErrors[0]?.code).to.equal('CONFLICT');
  });

  it('creates, changes and deletes a role, whose rules hold at once', async () => {
    const rule = { id: 'see', actions: ['read', 'list'], subject: 'User', fields: ['id', 'name'] };
    const created = await mutate(
      app,
      'createRole',
      { name: 'greeter', rules: [rule] },
      { token },
      'role { id rules { id effect fields conditions } }',
    );
    expect(created.userErrors).to.deep.equal([]);
    const { id } = created.payload.role;
    expect(id).to.equal('Role:greeter');
    const greeter = await app.signInAs('greeter');
    const users = '{ users(first: 2) { nodes { name } } }';
    const allowed = await app.graphql(users, {}, { token: greeter.accessToken });
    expect(allowed.errors).to.deep.equal([]);

    const changed = await mutate(
      app,
      'updateRole',
      { id, description: 'Greets', rules: [{ ...rule, fields: ['id'] }] },
      { token },
      'role { description rules { fields } }',
    );
    expect(changed.payload.role).to.deep.equal({ description: 'Greets', rules: [{ fields: ['id'] }] });
    const denied = await app.graphql(users, {}, { token: greeter.accessToken });
    expect(denied.errors[0]?.extensions.code, denied.text).to.equal('FORBIDDEN');

    const held = await mutate(app, 'deleteRole', { id }, { token });
    expect(held.userErrors[0]?.code).to.equal('CONFLICT');
    await mutate(app, 'setUserRoles', { id: `User:${greeter.id}`, roles: [{ role: 'user' }] }, { token });
    const deleted = await mutate(app, 'deleteRole', { id }, { token }, 'deletedId');
    expect(deleted.payload.deletedId).to.equal(id);
    const builtIn = await mutate(app, 'deleteRole', { id: 'Role:user' }, { token });
    expect(builtIn.userErrors[0]?.code).to.equal('CONFLICT');
  });

  it('tells where a rule is wrong', async () => {
    const { userErrors } = await mutate(
      app,
      'createRole',
      { name: 'odd', rules: [{ id: 'a', actions: ['read'], subject: 'User', fields: ['passwordHash'] }] },
      { token },
    );
    expect(userErrors[0]?.code).to.equal('BAD_USER_INPUT');
    expect(userErrors[0]?.path.slice(0, 3)).to.deep.equal(['input', 'rules', '0']);
  });

  it('creates a client, shows its secret once, rotates it and deletes the client', async () => {
    const created = await mutate(
      app,
      'createClient',
      { name: 'Robot', grantTypes: ['CLIENT_CREDENTIALS'], scopes: ['users:read'] },
      { token },
      'secret client { id clientId grantTypes owner { username } }',
    );
    expect(created.userErrors).to.deep.equal([]);
    const { secret, client } = created.payload;
    expect(client).to.deep.include({ grantTypes: ['CLIENT_CREDENTIALS'], owner: { username: 'root' } });
    const grant = (password: string) =>
      app.rest('/oauth/token', {
        form: { grant_type: 'client_credentials' },
        basic: [client.clientId, password],
      });
    const machine = await grant(secret);
    expect(machine.status).to.equal(200);
    const nobody = await app.graphql('{ viewer { id } }', {}, { token: machine.body.access_token });
    expect(nobody.data).to.deep.equal({ viewer: null });

    const all = await app.graphql(
      'query ($id: ID!) { node(id: $id) { __typename } }',
      { id: client.id },
      { token },
    );
    expect(all.text).to.not.contain(secret);
    const rotated = await mutate(app, 'rotateClientSecret', { id: client.id }, { token }, 'secret');
    expect(rotated.payload.secret).to.not.equal(secret);
    expect((await grant(secret)).status).to.equal(401);
    const again = await grant(rotated.payload.secret);
    expect(again.status).to.equal(200);
    const isActive = async () =>
      (await app.rest('/auth/validate', { token: again.body.access_token })).status === 200;
    await mutate(app, 'rotateClientSecret', { id: client.id, revokeTokens: false }, { token });
    expect(await isActive()).to.equal(true);
    const ended = await mutate(app, 'rotateClientSecret', { id: client.id, revokeTokens: true }, { token });
    expect([ended.userErrors, await isActive()]).to.deep.equal([[], false]);

    const updated = await mutate(
      app,
      'updateClient',
      { id: client.id, name: 'Robot 2', status: 'DISABLED' },
      { token },
      'client { name status }',
    );
    expect(updated.payload.client).to.deep.equal({ name: 'Robot 2', status: 'DISABLED' });
    const deleted = await mutate(app, 'deleteClient', { id: client.id }, { token }, 'deletedId');
    expect(deleted.payload.deletedId).to.equal(client.id);
    const declared = await mutate(app, 'deleteClient', { id: 'Client:fieldgate' }, { token });
    expect(declared.userErrors[0]?.code).to.equal('CONFLICT');
  });

  it('revokes one token, or those of a grant, a session, a user or the whole installation', async () => {
    const alive = async (bearer: string) =>
      (await app.graphql('{ viewer { id } }', {}, { token: bearer })).status === 200;
    const person = await app.signInAs();
    const none = await mutate(app, 'revokeTokens', {}, { token }, 'revoked');
    expect(none.userErrors[0]?.code).to.equal('BAD_USER_INPUT');
    const both = await mutate(
      app,
      'revokeTokens',
      { user: `User:${person.id}`, everything: true },
      { token },
      'revoked',
    );
    expect(both.userErrors[0]?.code).to.equal('BAD_USER_INPUT');
    expect(await alive(person.accessToken)).to.equal(true);

    const byUser = await mutate(app, 'revokeTokens', { user: `User:${person.id}` }, { token }, 'revoked');
    expect(byUser.payload.revoked).to.equal(true);
    expect(await alive(person.accessToken)).to.equal(false);

    app.clock.advance(2);
    const again = await app.signIn(person);
    const session = await app.deps.models.sessions.findOne({ userId: person.id, revokedAt: null }).lean();
    await mutate(app, 'revokeTokens', { session: `Session:${session?._id}` }, { token });
    expect(await alive(again.accessToken)).to.equal(false);

    app.clock.advance(2);
    const family = await app.signIn(person);
    const stored = await app.deps.models.refreshFamilies
      .findOne({ userId: person.id, revokedAt: null })
      .lean();
    const input = { refreshFamily: `RefreshFamily:${stored?._id}` };
    expect((await mutate(app, 'revokeTokens', input, { token }, 'revoked')).payload.revoked).to.equal(true);
    expect(await alive(family.accessToken)).to.equal(false);

    app.clock.advance(2);
    const leaked = await app.signIn(person);
    const stranger = await app.signInAs();
    const foreign = { token: leaked.accessToken };
    const refused = await mutate(app, 'revokeTokens', foreign, { token: stranger.accessToken }, 'revoked');
    expect(refused.codes).to.deep.equal(['NOT_FOUND']);
    expect(await alive(leaked.accessToken)).to.equal(true);
    await mutate(app, 'revokeTokens', foreign, { token });
    expect(await alive(leaked.accessToken)).to.equal(false);
    const refreshToken = { token: leaked.refreshToken };
    await mutate(app, 'revokeTokens', refreshToken, { token });
    const refreshed = await app.rest('/auth/refresh', { body: { refreshToken: leaked.refreshToken } });
    expect(refreshed.status).to.be.oneOf([400, 401]);
    const gone = await mutate(app, 'revokeTokens', refreshToken, { token }, 'revoked');
    expect(gone.codes).to.deep.equal(['NOT_FOUND']);
    const audited = await app.deps.models.auditEvents.find({ action: 'token.revokeAll' }).lean();
    expect(audited.map(({ objectType }) => objectType)).to.include.members(['AccessToken', 'RefreshFamily']);

    app.clock.advance(2);
    const third = await app.signIn(person);
    await mutate(app, 'revokeTokens', { everything: true }, { token });
    expect(await alive(third.accessToken)).to.equal(false);
    expect(await alive(token)).to.equal(false);
  });
});
