import type { LookupFunction } from 'node:net';
import { expect } from 'chai';
import { fetchOutside } from '../../../src/identity/outbound/fetchOutside.js';
import { guardedLookup, type Resolver } from '../../../src/identity/outbound/guardedLookup.js';
import { type ConfigInput, testConfig } from '../../support/deps.js';
import { type Outside, startOutside } from '../../support/outside.js';
import { refusal } from '../../support/refusal.js';

const strictly = { config: testConfig({}) };
const LIMITS = { maxBytes: 1000, timeoutSeconds: 2 };

describe('a request to an outside address', () => {
  let outside: Outside;

  before(async () => {
    outside = await startOutside();
  });
  after(() => outside.close());
  beforeEach(() => {
    outside.received.length = 0;
    outside.answer((_one, response) => response.end('hello'));
  });

  const fetchAs = (config: ConfigInput, url: string, over: object = {}) =>
    fetchOutside({ config: testConfig(config) }, url, { ...LIMITS, ...over });
  const strict = (url: string) => fetchAs({}, url);
  const open = (path: string, over: object = {}) => fetchAs(outside.config, `${outside.url}${path}`, over);

  it('gives status, headers and text, and sends method, headers and body', async () => {
    outside.answer((_one, response) =>
      response.writeHead(201, { 'content-type': 'text/plain' }).end('grüße'),
    );
    const answer = await open('/a?b=c', { method: 'POST', headers: { accept: 'text/plain' }, body: 'x=1' });
    expect(answer.status).to.equal(201);
    expect(answer.headers['content-type']).to.equal('text/plain');
    expect(answer.text).to.equal('grüße');
    expect(outside.received[0]).to.deep.include({ method: 'POST', path: '/a?b=c', body: 'x=1' });
    expect(outside.received[0]?.headers['accept']).to.equal('text/plain');
  });

  for (const [what, url] of Object.entries({
    'http to the internet': 'http://example.com/',
    'http to loopback': 'http://127.0.0.1/',
    'another scheme': 'file:///etc/passwd',
    'no URL': 'example.com',
    'a password in it': 'https://u:p@example.com/',
    'a loopback address': 'https://127.0.0.1/',
    'a loopback address in decimal': 'https://2130706433/',
    'a loopback address in octal': 'https://0177.0.0.1/',
    'a loopback address in hexadecimal': 'https://0x7f000001/',
    'a short loopback address': 'https://127.1/',
    'IPv6 loopback': 'https://[::1]/',
    'IPv4-mapped IPv6': 'https://[::ffff:127.0.0.1]/',
    'IPv4-mapped IPv6 in hexadecimal': 'https://[::ffff:a9fe:a9fe]/',
    'the metadata address of clouds': 'https://169.254.169.254/latest/meta-data/',
    'a private address': 'https://10.1.2.3/',
    'a unique local address': 'https://[fd00::1]/',
    'the unspecified address': 'https://0.0.0.0/',
    'a name of this machine': 'https://localhost/',
    'more than 2000 characters': `https://example.com/${'a'.repeat(2000)}`,
  })) {
    it(`is refused for ${what}`, async () => {
      const error = await refusal(strict(url), 'BAD_USER_INPUT');
      expect(error.publicMessage).to.equal('the address must be https and public');
    });
  }

  it('never reaches a server on this machine, not even one with a good certificate', async () => {
    const { caFile } = outside.config.outbound ?? {};
    const config = { outbound: { ...(caFile !== undefined && { caFile }) } };
    await refusal(fetchAs(config, outside.url), 'BAD_USER_INPUT');
    expect(outside.received).to.deep.equal([]);
  });

  it('connects to the very address that was checked, so that DNS rebinding changes nothing', async () => {
    let lookedUp = 0;
    const rebinding: Resolver = (_name, done) => {
      lookedUp += 1;
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const url = `https://rebind.example:${outside.port}/`;
    await refusal(fetchOutside(strictly, url, LIMITS, guardedLookup(rebinding)), 'BAD_USER_INPUT');
    expect(lookedUp).to.equal(1);
    expect(outside.received).to.deep.equal([]);
    // What the look-up answers is where the connection goes: unguarded, it reaches the server and its certificate.
    const unguarded: LookupFunction = (_name, _options, done) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    const error = await refusal(fetchOutside(strictly, url, LIMITS, unguarded), 'UNAVAILABLE');
    expect(error.message).to.contain('self-signed certificate');
  });

  it('is refused for a name with one private address among public ones', async () => {
    const mixed: Resolver = (_name, done) =>
      done(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    await refusal(
      fetchOutside(strictly, 'https://mixed.example/', LIMITS, guardedLookup(mixed)),
      'BAD_USER_INPUT',
    );
  });

  it('follows no redirect', async () => {
    outside.answer((_one, response) =>
      response.writeHead(302, { location: 'https://169.254.169.254/latest/' }).end(),
    );
    expect((await open('/')).status).to.equal(302);
    expect(outside.received).to.have.lengthOf(1);
  });

  it('reads no more than allowed, whatever the server claims', async () => {
    outside.answer((_one, response) => {
      response.writeHead(200);
      for (let i = 0; i < 100; i++) response.write('x'.repeat(1000));
      response.end();
    });
    await refusal(open('/'), 'UNAVAILABLE');
  });

  it('waits no longer than allowed, also for a body that never ends', async () => {
    outside.answer((_one, response) => {
      response.writeHead(200).write('a');
    });
    await refusal(open('/', { timeoutSeconds: 0.1 }), 'UNAVAILABLE');
  });

  it('trusts only known authorities', async () => {
    const config = { outbound: { allowPrivateNetworks: true } };
    await refusal(fetchAs(config, outside.url), 'UNAVAILABLE');
  });

  it('may be plain http to this machine in a closed network, and nowhere else', async () => {
    const plain = await startOutside({ plain: true });
    try {
      expect((await fetchAs(plain.config, plain.url)).status).to.equal(200);
      await refusal(fetchAs(plain.config, 'http://10.1.2.3/'), 'BAD_USER_INPUT');
    } finally {
      await plain.close();
    }
  });
});
