import { expect } from 'chai';
import { createVisitor } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import { allowAll } from '../authorize/flow.js';
import { approve, poll, reachDecision, startDevice, startDevices } from './device.js';

describe('a device code in a race', () => {
  let app: TestApp;
  before(async () => {
    app = await startDevices();
  });
  after(() => app.close());

  it('gives tokens to one of 50 polls at once', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    await approve(app, userCode);
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(app, deviceCode)));
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).to.have.length(49);
  });

  it('is decided once when ten people say yes and no at once', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const decide = async (choices: 'yes' | 'no') => {
      const visitor = createVisitor(app);
      const page = await reachDecision(app, visitor, userCode, await app.signUpAndConfirm());
      return () => visitor.send(page, choices === 'yes' ? allowAll(page) : { 'choice.refuse': '1' });
    };
    const ready = [];
    for (let people = 0; people < 10; people += 1) ready.push(await decide(people % 2 === 0 ? 'yes' : 'no'));
    const answers = await Promise.all(ready.map((send) => send()));
    const done = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    expect(done).to.have.length(1);
    const { status } = await poll(app, deviceCode);
    expect(status).to.equal((done[0] ?? 0) % 2 === 0 ? 200 : 400);
  });
});
