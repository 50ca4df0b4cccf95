import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';

const LIMIT = 10;
/** Grouped events are stored within 50 ms, by a timer of the process. */
const STORED_MILLISECONDS = 60;

describe('the audit trail under a flood of refusals', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp({ rateLimits: { enabled: true, general: { max: LIMIT } } });
  });
  afterEach(() => app.close());

  /** Each refusal unlike the one before, so that no two are one event. */
  const floods: Record<string, (count: number) => Promise<{ status: number }>> = {
    '/auth/validate': (count) =>
      app.rest('/auth/validate', { token: `t${count}`, headers: { 'user-agent': `agent ${count}` } }),
    '/oauth/introspect': (count) =>
      app.rest('/oauth/introspect', { form: { token: 'x', client_id: `c${count}`, client_secret: 's' } }),
  };

  async function refusals(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, STORED_MILLISECONDS));
    return app.deps.models.auditEvents.countDocuments({ outcome: 'denied' });
  }

  for (const [door, ask] of Object.entries(floods)) {
    it(`grows by no more than the limit of an address lets through, at ${door}`, async () => {
      for (let count = 0; count < LIMIT * 4; count += 1) {
        expect((await ask(count)).status).to.equal(count < LIMIT ? 401 : 429);
      }
      expect(await refusals()).to.equal(LIMIT);

      app.clock.advance(61);
      await ask(LIMIT * 4);
      expect(await refusals()).to.equal(LIMIT + 1);
    });
  }
});
