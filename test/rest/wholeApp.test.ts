import { expect } from 'chai';
import { bearer, cookiesOf } from '../http/doors.js';
import { startApp, type TestApp } from '../support/app.js';

describe('the doors of the whole app', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${app.url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('/auth/me tells a user about themselves by the built-in policy, and keeps what only administrators see', async () => {
    const person = await app.signInAs();
    const response = await fetch(`${app.url}/auth/me`, { headers: bearer(person.accessToken) });
    expect(response.status).to.equal(200);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).to.include({ id: person.id, email: person.email, emailVerified: true });
    expect(body).to.not.have.any.keys('passwordHash', 'password', 'usernameNormalized', 'sessions');
  });

  it('a session cookie of /auth/login authenticates GraphQL, and a foreign page cannot use it', async () => {
    const person = await app.signUpAndConfirm();
    const login = await post(
      '/auth/login',
      JSON.stringify({ identifier: person.email, password: person.password, cookie: true }),
    );
    const cookie = cookiesOf(login);
    const query = JSON.stringify({ query: '{ viewer { id email } }' });
    const own = await post('/graphql', query, { cookie, origin: app.url });
    expect(await own.json()).to.have.nested.property('data.viewer.email', person.email);
    const foreign = await post('/graphql', query, { cookie, origin: 'https://evil.example' });
    expect(foreign.status).to.equal(403);
    expect(await foreign.text()).to.not.include(person.email);
  });

  it('/graphql answers malformed JSON, NUL characters and 1 MB with typed errors in the shape of GraphQL', async () => {
    const nul = JSON.stringify({ query: '{ viewer { id } }', variables: { a: '\0' } });
    const answers = [
      await post('/graphql', '{"query'),
      await post('/graphql', nul),
      await post('/graphql', JSON.stringify({ query: `{ viewer { id } } # ${'x'.repeat(1_048_576)}` })),
    ];
    expect(answers.map(({ status }) => status)).to.deep.equal([400, 400, 413]);
    const codes: unknown[] = [];
    for (const answer of answers) {
      const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
      codes.push(errors.map(({ extensions }) => extensions.code));
    }
    expect(codes).to.deep.equal([['BAD_USER_INPUT'], ['BAD_USER_INPUT'], ['LIMIT_EXCEEDED']]);
  });

  it('/graphql names the methods that would do to another one', async () => {
    const answer = await fetch(`${app.url}/graphql`, { method: 'DELETE' });
    expect(answer.status).to.equal(405);
    expect(answer.headers.get('allow')).to.include('POST');
    const { error } = (await answer.json()) as { error: { code: string; requestId: string } };
    expect(error.code).to.equal('BAD_USER_INPUT');
    expect(error.requestId).to.equal(answer.headers.get('x-request-id'));
  });

  it('/health is ready and /openapi.json describes what is mounted', async () => {
    expect((await fetch(`${app.url}/health`)).status).to.equal(200);
    const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as { paths: object };
    expect(document.paths)
      .to.include.keys('/auth/login', '/oauth/token', '/health')
      .and.not.include.keys('/graphql', '/dev/outbox');
  });
});
