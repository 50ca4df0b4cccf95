import { expect } from 'chai';
import type { TestApp } from '../../support/app.js';
import { startDevices } from './device.js';

describe('the device flow (RFC 8628)', () => {
  let app: TestApp;
  before(async () => {
    app = await startDevices();
  });
  after(() => app.close());

  it('takes a form by POST, each parameter once, and ignores others (RFC 8628 §3.1)', async () => {
    const path = '/oauth/device_authorization';
    const good = { client_id: 'tv', scope: 'openid', 'x-unknown': '1', resource: '' };
    expect((await app.rest(path, { form: good })).status).to.equal(200);
    const twice: [string, string][] = [...Object.entries(good), ['scope', 'openid']];
    for (const [options, expected] of [
      [{ form: twice }, '400 invalid_request'],
      [{ body: good }, '400 invalid_request'],
      [{ form: { scope: 'openid' } }, '401 invalid_client'],
      [{ form: { ...good, client_id: '' } }, '401 invalid_client'],
      [{ method: 'GET' }, '405 invalid_request'],
    ] as const) {
      const { status, body } = await app.rest(path, options);
      expect(`${status} ${body.error}`, JSON.stringify(options)).to.equal(expected);
    }
  });
});
