import { expect } from 'chai';
import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { startApp, type TestApp } from '../support/app.js';

const decode = jsqr as unknown as typeof jsqr.default;

describe('the QR code of a device', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it('is a PNG that a camera reads as verification_uri_complete (RFC 8628 §3.3.1)', async () => {
    const answer = await fetch(`${app.url}/device/qr.png?user_code=wdjb-mjht`);
    expect(answer.headers.get('content-type')).to.equal('image/png');
    const { data, width, height } = PNG.sync.read(Buffer.from(await answer.arrayBuffer()));
    const read = decode(new Uint8ClampedArray(data), width, height);
    expect(read?.data).to.equal(`${app.url}/device?user_code=WDJB-MJHT`);
  });

  it('is an SVG too, which runs nothing, and which a page from elsewhere may show', async () => {
    const answer = await app.rest('/device/qr.svg?user_code=WDJB-MJHT');
    expect(answer.headers.get('content-type')).to.equal('image/svg+xml');
    expect(answer.headers.get('cross-origin-resource-policy')).to.equal('cross-origin');
    expect(answer.headers.get('x-content-type-options')).to.equal('nosniff');
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expect(answer.text)
      .to.match(/^<svg [^>]*>.*<\/svg>\s*$/s)
      .and.not.match(/script|href|onload/i);
  });

  it('draws nothing but codes', async () => {
    for (const query of [
      '',
      '?user_code=',
      '?user_code=x',
      '?user_code=https://evil.example',
      '?user_code=WDJBMJHT&user_code=B',
    ]) {
      for (const extension of ['svg', 'png']) {
        expect((await app.rest(`/device/qr.${extension}${query}`)).status).to.equal(404);
      }
    }
  });
});
