import { expect } from 'chai';
import { isAppError } from '../../../src/errors.js';
import { openEvents } from '../../../src/identity/audit/sealing.js';
import { createAuditTrail } from '../../../src/identity/audit/trail.js';
import { verifyChain } from '../../../src/identity/audit/verifyChain.js';
import type { AuditEntry } from '../../../src/identity/ports.js';
import type { Models } from '../../../src/models/models.js';
import { openTrailDeps, type TrailDeps } from './trailDeps.js';

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  action: 'user.signIn',
  outcome: 'success',
  actor: { kind: 'user', id: 'u1', clientId: 'app', sessionId: 's1' },
  origin: { requestId: 'r1', address: '192.0.2.7', userAgent: 'test/1' },
  objectType: 'User',
  objectId: 'u1',
  ...more,
});

describe('the audit trail', () => {
  let deps: TrailDeps;
  let models: Models;
  const open = (from: Partial<Models> = {}) =>
    createAuditTrail({ ...deps, models: { ...deps.models, ...from } });
  const stored = () => deps.stored();

  before(async () => {
    deps = await openTrailDeps();
    ({ models } = deps);
  });
  after(() => deps.close());
  beforeEach(() => deps.clear());

  it('has stored an entry when record resolves', async () => {
    const trail = open();
    await trail.record(
      entry({ fields: ['name'], before: { name: 'A' }, after: { name: 'B' }, reason: 'asked' }),
    );
    const [event] = await stored();
    expect(event).to.include({
      action: 'user.signIn',
      outcome: 'success',
      reason: 'asked',
      actorKind: 'user',
      actorId: 'u1',
      clientId: 'app',
      sessionId: 's1',
      objectType: 'User',
      objectId: 'u1',
      requestId: 'r1',
      count: 1,
      sequence: 0,
      previousHash: '0'.repeat(64),
    });
    expect(event?.chain).to.match(/^2026-03-01:[\w-]{12}$/);
    expect(event?.at).to.deep.equal(deps.clock());
    expect(event).not.to.have.any.keys('before', 'after', 'address', 'userAgent');
    expect((await openEvents(deps, event ? [event] : []))[0]).to.include({
      before: '{"name":"A"}',
      after: '{"name":"B"}',
      address: '192.0.2.7',
      userAgent: 'test/1',
    });
    await trail.close();
  });

  it('chains many entries recorded at once, in order, without a gap', async () => {
    const trail = open();
    await Promise.all(Array.from({ length: 1200 }, (_, i) => trail.record(entry({ objectId: `o${i}` }))));
    const events = await stored();
    expect(events.map((event) => event.objectId)).to.deep.equal(
      Array.from({ length: 1200 }, (_, i) => `o${i}`),
    );
    expect(await verifyChain(models, events[0]?.chain ?? '')).to.deep.include({ entries: 1200, fault: null });
    await trail.close();
  });

  it('gives each writer a chain of its own', async () => {
    const trails = [open(), open()];
    await Promise.all(trails.flatMap((trail) => [trail.record(entry()), trail.record(entry())]));
    const chains = new Set((await stored()).map((event) => event.chain));
    expect(chains.size).to.equal(2);
    for (const chain of chains) expect((await verifyChain(models, chain)).entries).to.equal(2);
    await Promise.all(trails.map((trail) => trail.close()));
  });

  it('begins a new chain each day that points at the end of the last, and never goes back', async () => {
    const trail = open();
    await trail.record(entry());
    deps.setNow('2026-03-02T00:00:01.000Z');
    await trail.record(entry());
    deps.setNow('2026-03-01T23:59:59.000Z');
    await trail.record(entry());
    const events = await stored();
    expect(events.map(({ chain, sequence }) => [chain.slice(0, 10), sequence])).to.deep.equal([
      ['2026-03-01', 0],
      ['2026-03-02', 0],
      ['2026-03-02', 1],
    ]);
    expect(events[1]?.previousHash).to.equal(events[0]?.hash);
    await trail.close();
  });

  describe('recordSoon', () => {
    it('makes one entry with a count of like events, others of unlike ones, all stored by close', async () => {
      const trail = open();
      for (let i = 0; i < 40; i++) trail.recordSoon(entry({ action: 'token.issue' }));
      trail.recordSoon(entry({ action: 'token.issue', outcome: 'denied' }));
      trail.recordSoon(entry({ action: 'token.issue', actor: { kind: 'client', id: 'app' } }));
      trail.recordSoon(entry({ action: 'token.issue', after: { scope: 'a' } }));
      trail.recordSoon(entry({ action: 'token.issue', after: { scope: 'b' } }));
      await trail.close();
      expect((await stored()).map((event) => event.count)).to.deep.equal([40, 1, 1, 1, 1]);
    });

    it('is stored within 50 ms without being asked', async () => {
      const inserted: number[] = [];
      let started = 0;
      const trail = open({
        auditEvents: { insertMany: async () => inserted.push(performance.now() - started) } as never,
      });
      // The first event of a person makes their key: one read and one write more.
      await trail.record(entry());
      const times: number[] = [];
      // The machine may be busy with other things: what the trail itself takes is the least.
      for (let i = 0; i < 5; i++) {
        inserted.length = 0;
        started = performance.now();
        trail.recordSoon(entry());
        while (inserted.length === 0) await new Promise((resolve) => setImmediate(resolve));
        times.push(inserted[0] ?? Number.POSITIVE_INFINITY);
      }
      expect(Math.min(...times)).to.be.lessThan(50);
      await trail.close();
    });
  });

  describe('when storage fails', () => {
    type Insert = (events: object[], options: object) => Promise<unknown>;
    /** The real collection behind an insert that may be made to fail. */
    const failing = (insert: (real: Insert) => Insert): Pick<Models, 'auditEvents'> => ({
      auditEvents: new Proxy(models.auditEvents, {
        get(target, name) {
          const real = Reflect.get(target, name) as Insert;
          if (name === 'insertMany') return insert(real.bind(target));
          return typeof real === 'function' ? real.bind(target) : real;
        },
      }),
    });

    it('tries again and keeps the chain whole', async () => {
      let calls = 0;
      const trail = open(
        failing((real) => async (events, options) => {
          if (++calls === 1) throw new Error('connection lost');
          return real(events, options);
        }),
      );
      await Promise.all([trail.record(entry()), trail.record(entry())]);
      const [first] = await stored();
      expect(await verifyChain(models, first?.chain ?? '')).to.deep.include({ entries: 2, fault: null });
      await trail.close();
    });

    it('stores nothing twice when only the reply was lost', async () => {
      let calls = 0;
      const trail = open(
        failing((real) => async (events, options) => {
          const result = await real(events, options);
          if (++calls === 1) throw new Error('reply lost');
          return result;
        }),
      );
      await trail.record(entry());
      await trail.record(entry());
      expect((await stored()).map((event) => event.sequence)).to.deep.equal([0, 1]);
      await trail.close();
    });

    it('goes on after half a batch', async () => {
      let calls = 0;
      const trail = open(
        failing((real) => async (events, options) => {
          if (++calls > 1) return real(events, options);
          await real(events.slice(0, 2), options);
          throw new Error('crashed in between');
        }),
      );
      // The first goes alone or with the others, depending on when the loop starts: all five are one chain anyway.
      await Promise.all(Array.from({ length: 5 }, () => trail.record(entry())));
      const [first] = await stored();
      expect(await verifyChain(models, first?.chain ?? '')).to.deep.include({ entries: 5, fault: null });
      await trail.close();
    });

    it('refuses with UNAVAILABLE, and stores what happened as soon as storage is back', async () => {
      let down = true;
      const trail = open(
        failing((real) => async (events, options) => {
          if (down) throw new Error('no primary');
          return real(events, options);
        }),
      );
      const refusals = await Promise.allSettled([
        trail.record(entry()),
        trail.record(entry({ objectId: 'u2' })),
      ]);
      for (const refusal of refusals) {
        expect(refusal.status === 'rejected' && isAppError(refusal.reason, 'UNAVAILABLE')).to.equal(true);
      }
      expect(await stored()).to.have.length(0);
      down = false;
      await trail.record(entry({ objectId: 'u3' }));
      expect((await stored()).map((event) => event.objectId)).to.deep.equal(['u1', 'u2', 'u3']);
      await trail.close();
    });

    it('does not hang at close, and says what was lost', async () => {
      const trail = open(
        failing(() => async () => {
          throw new Error('no primary');
        }),
      );
      trail.recordSoon(entry());
      await trail.close();
      expect(deps.errors.at(-1)).to.deep.equal({ lost: 1 });
    });
  });
});
