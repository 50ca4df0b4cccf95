import { expect } from 'chai';
import { describeDevice } from '../../../src/identity/sessions/device.js';
import { processorTimeOf } from '../../support/processorTime.js';

describe('a device', () => {
  const CASES: [string, string, string][] = [
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
      'Chrome on Windows',
      'desktop',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
      'mobile',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
      'tablet',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux', 'desktop'],
    ['curl/8.5.0', 'curl', 'cli'],
    ['my-app/1.2 (build 5)', 'my-app', 'cli'],
    ['This is your own TV. Press Connect/1 x', 'Unknown device', 'other'],
    ['Your account is safe: see evil.example/1.0 (Linux)', 'Unknown device on Linux', 'desktop'],
    ['\u202Eevil/1 (x)', 'Unknown device', 'other'],
    ['', 'Unknown device', 'other'],
    ['????', 'Unknown device', 'other'],
  ];
  for (const [userAgent, name, kind] of CASES) {
    it(`is called "${name}" (${kind}) for "${userAgent.slice(0, 40)}"`, () => {
      expect(describeDevice(userAgent)).to.include({ name, kind, userAgent });
    });
  }

  it('keeps no more of a header than it needs', async () => {
    const hostile = `Evil/1.0 ${'x'.repeat(100_000)}<script>`;
    const { result: device, milliseconds } = await processorTimeOf(() => describeDevice(hostile));
    expect(milliseconds).to.be.below(200);
    expect(device.userAgent).to.have.lengthOf(512);
    expect(device.name.length).to.be.below(100);
  });
});
