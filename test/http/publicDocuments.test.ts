import { expect } from 'chai';
import { configSchema } from '../../src/config/schema.js';
import {
  type AnsweredRequest,
  type PublicDocument,
  publicDocument,
  sendPublicDocument,
} from '../../src/http/publicDocuments.js';
import { createHttpServer } from '../../src/http/server.js';
import { createInProcessStore } from '../../src/stores/inProcess.js';

const PATH = '/.well-known/thing';
const HOW = { contentType: 'application/json; charset=utf-8', maxAgeSeconds: 300 };

describe('public documents', () => {
  const answered: AnsweredRequest[] = [];
  const byRoute: string[] = [];
  let document: () => PublicDocument;
  let url: string;
  let app: Awaited<ReturnType<typeof createHttpServer>>;
  before(async () => {
    const config = configSchema.parse({
      issuer: 'https://id.example',
      http: { corsOrigins: ['https://app.example'] },
      listen: { trustedProxies: ['127.0.0.1'] },
      rateLimits: { enabled: false },
    });
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const ephemeral = createInProcessStore();
    app = await createHttpServer(
      { config, ephemeral, logger: silent },
      { answered: (request) => answered.push(request) },
    );
    app.get(PATH, (request, reply) => {
      byRoute.push(request.url);
      sendPublicDocument(request, reply, document());
      return reply;
    });
    app.publicDocuments.set(PATH, () => document());
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());
  beforeEach(() => {
    const made = publicDocument({ says: 'grüezi' }, HOW);
    document = () => made;
    answered.length = 0;
    byRoute.length = 0;
  });

  const headersOf = (all: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(all).filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)),
    );

  it('are answered before the hooks exactly as by their route', async () => {
    for (const known of ['"another"', document().headers.etag]) {
      const headers = { 'x-request-id': 'mine', origin: 'https://any.example', 'if-none-match': known };
      // Injected requests go by the route: no socket brings them.
      const expected = await app.inject({ url: PATH, headers });
      expect(byRoute).to.have.lengthOf(1);
      const response = await fetch(`${url}${PATH}`, { headers });
      expect(byRoute).to.have.lengthOf(1);
      byRoute.length = 0;
      expect(response.status).to.equal(expected.statusCode);
      expect(await response.text()).to.equal(expected.body);
      expect(headersOf(Object.fromEntries(response.headers))).to.deep.equal(headersOf(expected.headers));
    }
  });

  it('are told of with what the log line and the numbers hold, the address that of the caller', async () => {
    await fetch(`${url}${PATH}`, { headers: { 'x-request-id': 'r-1', 'x-forwarded-for': '192.0.2.7' } });
    expect(answered).to.have.lengthOf(1);
    const { durationMilliseconds, ...rest } = answered[0] as AnsweredRequest;
    expect(durationMilliseconds).to.be.within(0, 1000);
    expect(rest).to.deep.equal({
      requestId: 'r-1',
      method: 'GET',
      route: PATH,
      status: 200,
      address: '192.0.2.7',
    });
  });

  it('are made by their route for all but a plain GET', async () => {
    const listed = await fetch(`${url}${PATH}`, { headers: { origin: 'https://app.example' } });
    expect(listed.headers.get('access-control-allow-origin')).to.equal('https://app.example');
    expect((await fetch(`${url}${PATH}?a=1`)).status).to.equal(200);
    expect((await fetch(`${url}${PATH}`, { method: 'HEAD' })).headers.get('content-length')).to.equal('18');
    expect(byRoute).to.have.lengthOf(3);
    expect((await fetch(`${url}${PATH}`, { method: 'POST' })).status).to.not.equal(200);
    expect(answered).to.deep.equal([]);
  });

  it('follow what they say', async () => {
    const first = await fetch(`${url}${PATH}`);
    document = () => publicDocument({ says: 'adieu' }, HOW);
    const second = await fetch(`${url}${PATH}`, {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect(second.status).to.equal(200);
    expect(await second.json()).to.deep.equal({ says: 'adieu' });
  });

  it('that cannot be made fail as every request fails', async () => {
    document = () => {
      throw new Error('no document');
    };
    const response = await fetch(`${url}${PATH}`);
    expect(response.status).to.equal(500);
    expect(await response.json()).to.have.nested.property('error.code', 'INTERNAL');
    expect(answered).to.deep.equal([]);
  });
});
