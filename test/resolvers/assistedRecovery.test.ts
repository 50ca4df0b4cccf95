import { expect } from 'chai';
import { toGlobalId } from '../../src/schema/globalId.js';
import { startApp, type TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

describe('an assisted recovery', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it('takes two administrators, and nobody else', async () => {
    const person = await app.signInAs('user');
    const first = await app.signInAs('admin');
    const second = await app.signInAs('admin');
    const id = toGlobalId('User', person.id);
    const ask = (token: string) =>
      mutate(app, 'requestAssistedRecovery', { id, reason: 'known by voice' }, { token }, 'requestId');
    const approve = (token: string, requestId: unknown) =>
      mutate(app, 'approveAssistedRecovery', { id, requestId }, { token }, 'url removedFactors');
    const stranger = await app.signInAs('moderator');
    expect((await ask(stranger.accessToken)).payload?.['requestId'] ?? null).to.equal(null);
    const { payload } = await ask(first.accessToken);
    const requestId = payload?.['requestId'];
    expect(requestId).to.be.a('string');
    expect((await approve(first.accessToken, requestId)).payload?.['url'] ?? null).to.equal(null);
    const approved = await approve(second.accessToken, requestId);
    expect(approved.payload?.['url']).to.match(/\/reset-password\?token=/);
    const gone = await app.graphql('{ viewer { id } }', {}, { token: person.accessToken });
    expect(gone.data?.viewer ?? null).to.equal(null);
  });
});
