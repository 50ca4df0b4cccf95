import { expect } from 'chai';
import type { PolicySource } from '../../src/identity/deps.js';
import type { Policy, Rule } from '../../src/policies/rule.js';
import { basic, bearer, CATALOG, type Doors, SERVICE, startDoors } from '../http/doors.js';

const rule = (id: string, fields: string[], conditions?: Rule['conditions']): Rule => ({
  id,
  effect: 'allow',
  actions: ['read'],
  subject: 'User',
  fields,
  ...(conditions && { conditions }),
});
const scope = (name: string, rules: Rule[]) => [name, { name, description: '', rules }] as const;

const POLICY: Policy = {
  version: 1,
  roles: new Map([
    [
      'user',
      {
        name: 'user',
        description: '',
        inherits: [],
        builtIn: true,
        rules: [rule('self', ['id', 'email', 'name', 'createdAt', 'roles'], { id: '{{principal.id}}' })],
      },
    ],
  ]),
  scopes: new Map([
    scope('openid', []),
    scope('read', [rule('read', ['id', 'name', 'createdAt', 'roles'])]),
    scope('email', [rule('email', ['id', 'email'])]),
    ...['profile', 'phone', 'offline_access', 'write', 'account'].map((name) => scope(name, [])),
  ]),
};

const POLICY_SOURCE: PolicySource = {
  catalog: CATALOG,
  current: () => POLICY,
  reload: () => Promise.resolve(),
  publish: () => Promise.reject(new Error('this policy does not change')),
};

describe('/auth/me', () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors({
      deps: { policy: POLICY_SOURCE },
    });
  });
  after(() => doors.close());

  it('shows the fields that roles and scopes let the caller read, and no other', async () => {
    const user = await doors.user({ name: 'Ada', lockReason: 'none of your business' });
    const { access_token: read } = await doors.tokens(user, 'read');
    const response = await doors.get('/auth/me', bearer(read));
    expect(response.headers.get('cache-control')).to.equal('no-store');
    expect(await response.json()).to.deep.equal({
      id: user._id,
      name: 'Ada',
      createdAt: user.createdAt.toISOString(),
      roles: ['user'],
    });
    const { access_token: both } = await doors.tokens(user, 'read email');
    expect(await (await doors.get('/auth/me', bearer(both))).json()).to.include({
      email: user.email,
      name: 'Ada',
    });
  });

  it('narrows by the client too: a scope that it lost gives nothing any more', async () => {
    const user = await doors.user({ name: 'Ada' });
    const { access_token: token } = await doors.tokens(user, 'read email');
    await doors.deps.models.clients.updateOne({ _id: SERVICE.id }, { $pull: { scopes: 'email' } });
    const answer = (await (await doors.get('/auth/me', bearer(token))).json()) as object;
    await doors.deps.models.clients.updateOne({ _id: SERVICE.id }, { $push: { scopes: 'email' } });
    expect(answer).to.include({ name: 'Ada' }).and.not.have.property('email');
  });

  it('is refused to nobody and to a client', async () => {
    expect((await doors.get('/auth/me')).status).to.equal(401);
    const issued = await doors.form(
      '/oauth/token',
      { grant_type: 'client_credentials' },
      basic(SERVICE.id, SERVICE.secret),
    );
    const { access_token: token } = (await issued.json()) as Record<string, string>;
    expect((await doors.get('/auth/me', bearer(token))).status).to.equal(403);
  });
});
