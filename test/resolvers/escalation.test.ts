import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

const MORE_RIGHTS = 'This account holds rights that you do not hold.';

describe('nobody touches an account that holds more rights', () => {
  let app: TestApp;
  let admin: { token: string };

  before(async () => {
    app = await startApp();
    admin = { token: await app.adminToken() };
    const input = {
      name: 'support',
      description: 'Corrects accounts.',
      inherits: ['moderator'],
      rules: [
        { id: 'see', effect: 'ALLOW', subject: 'User', actions: ['read'], fields: ['id', 'roleAssignments'] },
        {
          id: 'change',
          effect: 'ALLOW',
          subject: 'User',
          actions: ['update'],
          fields: ['email', 'username', 'name'],
        },
        { id: 'give', effect: 'ALLOW', subject: 'User', actions: ['setRoles'], fields: ['*'] },
      ],
    };
    const { errors, userErrors } = await mutate(app, 'createRole', input, admin);
    expect([errors, userErrors]).to.deep.equal([[], []]);
  });
  after(() => app.close());

  const acts = {
    lockUser: {},
    unlockUser: {},
    updateUser: { email: 'mine@example.com' },
    setUserRoles: { roles: [] },
  };

  for (const [mutation, input] of Object.entries(acts)) {
    for (const role of ['admin', 'auditor']) {
      it(`${mutation} of a ${role} is refused to a lesser role, and changes nothing`, async () => {
        const me = await app.signInAs('support');
        const above = await app.signInAs(role);
        const before = await app.deps.models.users.findById(above.id).lean();
        const answer = await mutate(
          app,
          mutation,
          { id: `User:${above.id}`, ...input },
          { token: me.accessToken },
        );
        expect(answer.codes).to.deep.equal(['FORBIDDEN']);
        expect(answer.errors[0]?.message).to.equal(MORE_RIGHTS);
        expect(await app.deps.models.users.findById(above.id).lean()).to.deep.equal(before);
      });
    }
  }

  it('a moderator locks and unlocks users and other moderators', async () => {
    const me = await app.signInAs('moderator');
    for (const other of [await app.signInAs(), await app.signInAs('moderator')]) {
      for (const mutation of ['lockUser', 'unlockUser']) {
        const answer = await mutate(app, mutation, { id: `User:${other.id}` }, { token: me.accessToken });
        expect([answer.errors, answer.userErrors], mutation).to.deep.equal([[], []]);
      }
    }
  });

  it('a role that has ended counts no more, one that begins later does', async () => {
    const me = await app.signInAs('moderator');
    const other = await app.signInAs();
    const now = app.clock().getTime();
    const lockWith = async (assignment: object) => {
      const roleAssignments = [{ role: 'user' }, { role: 'admin', ...assignment }];
      await app.deps.models.users.updateOne({ _id: other.id }, { $set: { roleAssignments } });
      return (await mutate(app, 'lockUser', { id: `User:${other.id}` }, { token: me.accessToken })).codes;
    };
    expect(await lockWith({ validFrom: new Date(now + 60_000) })).to.deep.equal(['FORBIDDEN']);
    expect(await lockWith({ validUntil: new Date(now - 60_000) })).to.deep.equal([]);
  });

  it('an administrator does it with a token that is for accounts only', async () => {
    const { accessToken } = await app.signIn(app.admin, 'users:write');
    const other = await app.signInAs('auditor');
    const answer = await mutate(app, 'lockUser', { id: `User:${other.id}` }, { token: accessToken });
    expect([answer.errors, answer.userErrors]).to.deep.equal([[], []]);
  });

  it('a client gets only scopes whose rights its maker holds', async () => {
    const me = await app.signInAs('developer');
    const credentials = { token: me.accessToken };
    const client = (scopes: string[]) => ({
      name: 'App',
      grantTypes: ['AUTHORIZATION_CODE'],
      redirectUris: ['https://app.example/callback'],
      scopes,
    });
    const refused = await mutate(app, 'createClient', client(['openid', 'users:write']), credentials);
    expect(refused.codes).to.deep.equal(['FORBIDDEN']);
    const made = await mutate(
      app,
      'createClient',
      client(['openid', 'profile', 'email', 'account', 'offline_access']),
      credentials,
      'client { id }',
    );
    expect([made.errors, made.userErrors]).to.deep.equal([[], []]);
    const { id } = made.payload.client;
    const wider = await mutate(app, 'updateClient', { id, scopes: ['openid', 'users:write'] }, credentials);
    expect(wider.codes).to.deep.equal(['FORBIDDEN']);
    const given = await mutate(app, 'updateClient', { id, scopes: ['openid', 'users:write'] }, admin);
    expect([given.errors, given.userErrors]).to.deep.equal([[], []]);
    // What somebody with the right has given stays when the owner changes something else.
    const renamed = await mutate(
      app,
      'updateClient',
      { id, name: 'Better', scopes: ['openid', 'users:write'] },
      credentials,
    );
    expect([renamed.errors, renamed.userErrors]).to.deep.equal([[], []]);
  });

  describe('nor a client that holds more', () => {
    const MORE = 'This client holds rights that you do not hold.';
    const KEYS = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] };

    async function clientWith(given: object) {
      const me = await app.signInAs('developer');
      const credentials = { token: me.accessToken };
      const input = {
        name: 'App',
        grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
        redirectUris: ['https://app.example/callback'],
        scopes: ['openid'],
      };
      const made = await mutate(app, 'createClient', input, credentials, 'client { id }');
      const id = String(made.payload.client.id);
      const changed = await mutate(app, 'updateClient', { id, ...given }, admin);
      expect([changed.errors, changed.userErrors]).to.deep.equal([[], []]);
      const stored = () =>
        app.deps.models.clients.findById(id.replace('Client:', '')).select('+secrets').lean();
      return { id, credentials, stored };
    }

    for (const [what, given] of Object.entries({
      'a scope': { scopes: ['openid', 'users:write'] },
      'a role of its own': { roles: ['auditor'] },
    })) {
      for (const [act, mutation, input] of [
        ['send its codes elsewhere', 'updateClient', { redirectUris: ['https://evil.example/'] }],
        ['take its redirect URIs away', 'updateClient', { redirectUris: null }],
        ['give it keys', 'updateClient', { jwks: KEYS }],
        ['give it other grants', 'updateClient', { grantTypes: ['CLIENT_CREDENTIALS'] }],
        ['lift its protection', 'updateClient', { requirePushedAuthorizationRequests: true }],
        ['get a secret of it', 'rotateClientSecret', {}],
        ['remove it', 'deleteClient', {}],
      ] as const) {
        it(`by ${what}: its owner may not ${act}`, async () => {
          const { id, credentials, stored } = await clientWith(given);
          const before = await stored();
          const answer = await mutate(app, mutation, { id, ...input }, credentials);
          expect(answer.codes).to.deep.equal(['FORBIDDEN']);
          expect(answer.errors[0]?.message).to.equal(MORE);
          expect(await stored()).to.deep.equal(before);
          const by = await mutate(app, mutation, { id, ...input }, admin);
          expect(by.codes).to.deep.equal([]);
        });
      }

      it(`by ${what}: its owner may change what gives nobody its rights`, async () => {
        const { id, credentials } = await clientWith(given);
        const same = { redirectUris: ['https://app.example/callback'], contacts: ['me@app.example'] };
        const answer = await mutate(app, 'updateClient', { id, name: 'Better', ...same }, credentials);
        expect([answer.errors, answer.userErrors]).to.deep.equal([[], []]);
      });
    }

    it('by rotating its secret nobody ends its tokens without the right to', async () => {
      const rules = [
        { id: 'see', actions: ['read'], subject: 'Client', fields: ['id'] },
        { id: 'rotate', actions: ['rotateSecret'], subject: 'Client', fields: ['*'] },
      ];
      await mutate(app, 'createRole', { name: 'rotator', rules }, admin);
      const { id, stored } = await clientWith({});
      const credentials = { token: (await app.signInAs('rotator')).accessToken };
      const before = await stored();
      const ending = await mutate(app, 'rotateClientSecret', { id, revokeTokens: true }, credentials);
      expect(ending.codes).to.deep.equal(['FORBIDDEN']);
      expect(await stored()).to.deep.equal(before);
      const { codes, userErrors } = await mutate(app, 'rotateClientSecret', { id }, credentials);
      expect([codes, userErrors]).to.deep.equal([[], []]);
    });

    it('its owner changes everything of a client that holds no more', async () => {
      const { id, credentials } = await clientWith({});
      for (const [mutation, input] of [
        ['updateClient', { redirectUris: ['https://app.example/other'] }],
        ['rotateClientSecret', {}],
        ['deleteClient', {}],
      ] as const) {
        const answer = await mutate(app, mutation, { id, ...input }, credentials);
        expect([answer.errors, answer.userErrors], mutation).to.deep.equal([[], []]);
      }
    });
  });
});
