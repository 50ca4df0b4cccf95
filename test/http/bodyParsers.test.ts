import { request as rawRequest } from 'node:http';
import { expect } from 'chai';
import { FormBody } from '../../src/http/bodyParsers.js';
import { startHttpServer } from './testServer.js';

describe('request bodies', () => {
  let server: Awaited<ReturnType<typeof startHttpServer>>;
  let handled = 0;

  before(async () => {
    server = await startHttpServer({
      routes: (app) =>
        app.post('/echo', (request) => {
          handled += 1;
          const { body } = request;
          return body instanceof FormBody
            ? { form: Object.fromEntries(body.parameters), repeated: [...body.repeated] }
            : { body: body ?? null };
        }),
    });
  });
  after(() => server.close());
  beforeEach(() => {
    handled = 0;
  });

  const post = (body: string | Buffer, contentType = 'application/json') =>
    fetch(`${server.url}/echo`, { method: 'POST', body, headers: { 'content-type': contentType } });

  const FORM = 'application/x-www-form-urlencoded';
  const refused: [title: string, body: string, status: number, code: string, contentType?: string][] = [
    ['malformed JSON', '{"a": ', 400, 'BAD_USER_INPUT'],
    ['text after the JSON', '{} {}', 400, 'BAD_USER_INPUT'],
    ['a key that would change a prototype', '{"__proto__": {"admin": true}}', 400, 'BAD_USER_INPUT'],
    [
      'a constructor that would change a prototype',
      '{"constructor": {"prototype": {}}}',
      400,
      'BAD_USER_INPUT',
    ],
    ['an escaped NUL in a value', '{"a": ["x\\u0000y"]}', 400, 'BAD_USER_INPUT'],
    ['an escaped NUL in a key', '{"a\\u0000": 1}', 400, 'BAD_USER_INPUT'],
    ['a raw NUL in JSON', '{"a": "x\0y"}', 400, 'BAD_USER_INPUT'],
    ['an escaped NUL in a form', 'a=x%00y', 400, 'BAD_USER_INPUT', FORM],
    ['a raw NUL in a form', 'a=x\0y', 400, 'BAD_USER_INPUT', FORM],
    ['a NUL in a name of a form', '%00=x', 400, 'BAD_USER_INPUT', FORM],
    ['a NUL in a repeated parameter', 'a=x&a=%00', 400, 'BAD_USER_INPUT', FORM],
    ['1 MB of JSON', JSON.stringify({ a: 'x'.repeat(1_048_576) }), 413, 'LIMIT_EXCEEDED'],
    [
      '1 MB of form',
      `a=${'x'.repeat(1_048_576)}`,
      413,
      'LIMIT_EXCEEDED',
      'application/x-www-form-urlencoded',
    ],
    ['XML', '<a/>', 415, 'BAD_USER_INPUT', 'application/xml'],
    ['plain text', '{}', 415, 'BAD_USER_INPUT', 'text/plain'],
    ['a multipart form', '--x--', 415, 'BAD_USER_INPUT', 'multipart/form-data; boundary=x'],
    ['a content type that is none', '{}', 415, 'BAD_USER_INPUT', 'json'],
  ];

  for (const [title, body, status, code, contentType] of refused) {
    it(`refuses ${title} with ${code}`, async () => {
      const response = await post(body, contentType);
      expect(response.status).to.equal(status);
      const { error } = (await response.json()) as { error: Record<string, string> };
      expect(error['code']).to.equal(code);
      expect(error['requestId']).to.equal(response.headers.get('x-request-id'));
      expect(JSON.stringify(error)).to.not.include('prototype');
      expect(handled).to.equal(0);
    });
  }

  it('refuses two content types, which two readers may take differently', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = rawRequest(`${server.url}/echo`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.setHeader('content-type', ['application/json', 'text/plain']);
      request.end('{}');
    });
    expect(status).to.equal(400);
    expect(handled).to.equal(0);
  });

  it('lets the text \\u0000 through when its backslash is itself escaped', async () => {
    const body = { a: String.raw`\u0000` };
    const response = await post(JSON.stringify(body));
    expect(await response.json()).to.deep.equal({ body });
  });

  it('takes an empty JSON body for none', async () => {
    expect(await (await post('')).json()).to.deep.equal({ body: null });
  });

  it('names the form parameters that come more than once and keeps the first value of each', async () => {
    const response = await post(
      'a=1&b=2&a=3&b=4&c=%2B+x',
      'application/x-www-form-urlencoded; charset=utf-8',
    );
    expect(await response.json()).to.deep.equal({ form: { a: '1', b: '2', c: '+ x' }, repeated: ['a', 'b'] });
  });

  it('answers bytes that are no HTTP with a typed error and closes', async () => {
    const { connect } = await import('node:net');
    const { port, hostname } = new URL(server.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => socket.write('NONSENSE\r\n\r\n'));
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).to.match(/^HTTP\/1\.1 400 /);
    expect(answer).to.include('"code":"BAD_USER_INPUT"');
  });
});
