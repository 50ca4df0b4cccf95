import { expect } from 'chai';
import { getIntrospectionQuery } from 'graphql';
import { startApp, type TestApp } from '../support/app.js';

describe('the GraphQL door', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({ graphql: { maxDepth: 6, maxAliases: 4, maxCost: 500 } });
  });
  after(() => app.close());

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const refusal = async (document: string, variables: object = {}) => {
    const { status, errors, data } = await app.graphql(document, { ...variables });
    expect(data).to.equal(null);
    return { status, code: errors[0]?.extensions.code, message: errors[0]?.message ?? '' };
  };

  it('refuses a document that is too deep, with the numbers', async () => {
    const deep = '{ viewer { sessions { nodes { user { sessions { nodes { user { id } } } } } } } }';
    const { status, code, message } = await refusal(deep);
    expect([status, code]).to.deep.equal([400, 'LIMIT_EXCEEDED']);
    expect(message).to.equal('The depth of the document is 8, the limit is 6.');
    const hidden = `{ viewer { ...A } } fragment A on User { sessions { nodes { ...B } } }
      fragment B on Session { user { sessions { nodes { user { id } } } } }`;
    expect((await refusal(hidden)).message).to.equal(message);
  });

  it('refuses too many aliases, with the numbers', async () => {
    const aliased = `{ ${Array.from({ length: 5 }, (_, index) => `a${index}: viewer { id }`).join(' ')} }`;
    expect(await refusal(aliased)).to.deep.equal({
      status: 400,
      code: 'LIMIT_EXCEEDED',
      message: 'The aliases of the document is 5, the limit is 4.',
    });
  });

  it('refuses an answer that could grow too large, counting page sizes of literals, variables and defaults', async () => {
    const page = (size: string, definition = '') =>
      `query ${definition} { users(first: ${size}) { nodes { id email name phone locale username } } }`;
    expect((await refusal(page('100'))).code).to.equal('LIMIT_EXCEEDED');
    expect((await refusal(page('$n', '($n: Int)'), { n: 100 })).code).to.equal('LIMIT_EXCEEDED');
    expect((await refusal(page('$n', '($n: Int = 100)'))).code).to.equal('LIMIT_EXCEEDED');
    const small = await app.graphql(page('$n', '($n: Int = 100)'), { n: 2 });
    expect(small.errors[0]?.extensions.code).to.equal('UNAUTHENTICATED');
  });

  it('stops to parse a document of too many tokens', async () => {
    const { status, code } = await refusal(`{ ${'viewer { id } '.repeat(1500)} }`);
    expect([status, code]).to.deep.equal([400, 'BAD_USER_INPUT']);
  });

  it('survives fragments that refer to each other', async () => {
    const { code } = await refusal(
      '{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }',
    );
    expect(code).to.equal('BAD_USER_INPUT');
  });

  it('takes no batch', async () => {
    const answer = await post([{ query: '{ viewer { id } }' }, { query: '{ viewer { id } }' }]);
    expect(answer.status).to.equal(400);
  });

  it('takes queries by GET and mutations by POST only', async () => {
    const get = (query: string) =>
      fetch(`${app.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { 'apollo-require-preflight': '1' },
      });
    expect((await get('{ viewer { id } }')).status).to.equal(200);
    const mutation = await get('mutation { signOut { signedOut } }');
    expect(mutation.status).to.equal(405);
    expect(mutation.headers.get('allow')).to.equal('POST');
  });

  it('refuses what a foreign page could send without a preflight', async () => {
    const form = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ query: '{ viewer { id } }' }),
    });
    expect(form.status).to.be.oneOf([400, 415]);
    const simpleGet = await fetch(`${app.url}/graphql?query=${encodeURIComponent('{ viewer { id } }')}`);
    expect(simpleGet.status).to.equal(400);

    const { email, password } = await app.signUpAndConfirm();
    const signedIn = await post({
      query: `mutation { signIn(input: { identifier: "${email}", password: "${password}", session: COOKIE }) { result { __typename } } }`,
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const forged = await post(
      { query: 'mutation { signOut { signedOut } }' },
      { cookie, origin: 'https://evil.example' },
    );
    expect(forged.status).to.equal(403);
    expect(((await forged.json()) as { errors: { extensions: object }[] }).errors[0]?.extensions).to.include({
      code: 'FORBIDDEN',
    });
  });

  it('answers a body that is too large in the shape of GraphQL', async () => {
    const answer = await post({ query: '{ viewer { id } }', variables: { x: 'x'.repeat(200_000) } });
    expect(answer.status).to.equal(413);
    const { errors } = (await answer.json()) as { errors: { extensions: object }[] };
    expect(errors[0]?.extensions).to.include({ code: 'LIMIT_EXCEEDED' });
  });

  it('masks what broke inside, gives the request id, and logs the cause', async () => {
    const broken = await startApp({}, { keepLog: true });
    try {
      const token = await broken.adminToken();
      const { users } = broken.deps.models;
      users.find = () => {
        throw new Error('the secret inside');
      };
      const answer = await broken.graphql('{ viewer { id } users { totalCount } }', {}, { token });
      expect(answer.text).to.not.contain('secret');
      const [error] = answer.errors;
      expect(error?.extensions.code).to.equal('INTERNAL');
      expect(error?.extensions['requestId']).to.equal(answer.headers.get('x-request-id'));
      expect(answer.data.viewer.id).to.be.a('string');
      const line = broken.logLines.find((text) => text.includes('the secret inside')) ?? '';
      expect(JSON.parse(line)).to.include({ level: 'error', requestId: error?.extensions['requestId'] });
    } finally {
      await broken.close();
    }
  });

  it('counts operations by kind and outcome', async () => {
    await app.graphql('{ viewer { id } }');
    await app.graphql('{ viewer { nothing } }');
    const { text } = await app.deps.metrics.expose();
    expect(text).to.match(/graphql\w*\{[^}]*type="query"[^}]*outcome="success"[^}]*\} [1-9]/);
    expect(text).to.match(/graphql\w*\{[^}]*outcome="failed"[^}]*\} [1-9]/);
  });

  it('shows schema, Sandbox and explorer in development', async () => {
    const open = await startApp();
    try {
      const { data } = await open.graphql(getIntrospectionQuery());
      expect(data.__schema.queryType.name).to.equal('Query');
      const sandbox = await fetch(`${open.url}/graphql`, { headers: { accept: 'text/html' } });
      expect(sandbox.headers.get('content-type')).to.match(/^text\/html/);
      expect(await sandbox.text()).to.contain('embeddable-sandbox');
      expect((await fetch(`${open.url}/explorer`)).status).to.equal(200);
    } finally {
      await open.close();
    }
  });

  it('shows none of them in production, and no field names in its errors', async () => {
    const closed = await startApp({ environment: 'production', mail: { smtpUrl: 'smtp://127.0.0.1:1' } });
    try {
      const introspection = await closed.graphql('{ __schema { types { name } } }');
      expect(introspection.data).to.equal(null);
      expect(introspection.errors[0]?.extensions.code).to.equal('BAD_USER_INPUT');
      const typo = await closed.graphql('{ viewr { id } }');
      expect(typo.errors[0]?.message).to.not.contain('viewer');
      const page = await fetch(`${closed.url}/graphql`, { headers: { accept: 'text/html' } });
      expect(page.headers.get('content-type') ?? '').to.not.match(/html/);
      expect((await fetch(`${closed.url}/explorer`)).status).to.equal(404);
    } finally {
      await closed.close();
    }
  });
});
