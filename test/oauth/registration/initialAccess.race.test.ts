import { expect } from 'chai';
import { startApp, type TestApp } from '../../support/app.js';

const APP = { client_name: 'Notes', redirect_uris: ['https://notes.example/callback'] };
const ISSUE = `mutation ($input: IssueRegistrationTokenInput!) {
  issueRegistrationToken(input: $input) { token expiresAt userErrors { path } }
}`;

describe('an initial access token (RFC 7591 §3)', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp({ registration: { mode: 'token' } });
  });
  after(() => app.close());

  const issue = async (input: object, token?: string) =>
    app.graphql(ISSUE, { input }, { token: token ?? (await app.adminToken()) });
  const issued = async (input: object) => (await issue(input)).data.issueRegistrationToken.token as string;
  const register = (token?: string, metadata: object = {}) =>
    app.rest('/oauth/register', { body: { ...APP, ...metadata }, token });

  it('is needed, and has as many uses as it was given, however many come at once', async () => {
    expect((await register()).status).to.equal(401);
    expect((await register('guess')).status).to.equal(401);
    const token = await issued({ uses: 3, ttlSeconds: 60 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(token)));
    expect(answers.filter(({ status }) => status === 201)).to.have.lengthOf(3);
    expect(answers.filter(({ status }) => status === 401)).to.have.lengthOf(17);
  });

  it('keeps its use when no client came of it', async () => {
    const token = await issued({ uses: 1, ttlSeconds: 60 });
    expect((await register(token, { redirect_uris: ['http://a.example/'] })).status).to.equal(400);
    expect((await register(token)).status).to.equal(201);
    expect((await register(token)).status).to.equal(401);
  });

  it('expires', async () => {
    const token = await issued({ uses: 5, ttlSeconds: 60 });
    app.clock.advance(61);
    expect((await register(token)).status).to.equal(401);
  });

  it('is stored as a digest', async () => {
    const token = await issued({ uses: 1, ttlSeconds: 60 });
    const documents = await app.deps.models.registrationTokens.find().lean();
    expect(documents).not.to.have.lengthOf(0);
    expect(JSON.stringify(documents)).not.to.contain(token);
  });

  it('is issued within bounds, by administrators alone', async () => {
    const { data } = await issue({ uses: 0, ttlSeconds: 60 });
    expect(data.issueRegistrationToken.userErrors[0].path).to.deep.equal(['input', 'uses']);
    const { accessToken } = await app.signInAs('developer');
    const refused = await issue({ uses: 1, ttlSeconds: 60 }, accessToken);
    expect(refused.errors[0]?.extensions.code).to.equal('FORBIDDEN');
  });
});
