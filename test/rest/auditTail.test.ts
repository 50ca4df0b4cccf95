import { expect } from 'chai';
import { idAt } from '../../src/identity/audit/readEvents.js';
import type { Access } from '../../src/policies/decision.js';
import { type Pace, tailEvents } from '../../src/rest/auditTail.js';
import { createTestDeps, type TestDeps } from '../support/deps.js';

describe('a live tail of the audit trail', () => {
  let test: TestDeps;
  let start: string;
  let renewals: number;
  /** May read everything: what may be read is tested through HTTP. */
  const access = { decide: () => ({ allowed: true }) } as unknown as Access;
  const query = { action: 'test.tail' };
  const open = (after = start, signal = new AbortController().signal, pace?: Pace) =>
    tailEvents(test.deps, {
      after,
      signal,
      ...(pace && { pace }),
      renew: async () => {
        renewals += 1;
        return { access, query };
      },
    });
  const ids = (text: string | void) => [...(text ?? '').matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '');

  before(async () => {
    test = await createTestDeps();
    start = idAt(test.clock());
    await Promise.all(
      Array.from({ length: 250 }, () =>
        test.deps.audit.record({ action: 'test.tail', outcome: 'success', actor: { kind: 'system' } }),
      ),
    );
    test.clock.advance(2);
  });
  after(() => test.close());
  beforeEach(() => {
    renewals = 0;
  });

  it('reads nothing for a reader that takes nothing', async () => {
    const tail = open();
    expect((await tail.next()).value).to.equal('retry: 2000\n\n');
    expect(renewals).to.equal(0);
    expect(ids((await tail.next()).value)).to.have.length(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(renewals).to.equal(1);
    await tail.return(undefined);
  });

  it('shows each event once and in order over many pages, and goes on after any of them', async () => {
    const tail = open();
    await tail.next();
    const shown = [await tail.next(), await tail.next(), await tail.next()].flatMap(({ value }) =>
      ids(value),
    );
    expect(new Set(shown).size).to.equal(250);
    expect(shown).to.deep.equal([...shown].sort());
    await tail.return(undefined);
    const resumed = open(shown[199]);
    await resumed.next();
    expect(ids((await resumed.next()).value)).to.deep.equal(shown.slice(200));
    await resumed.return(undefined);
  });

  it('says that it is alive after a silence, in a comment that readers pass over, and goes on', async () => {
    const quick = { pollMilliseconds: 2, heartbeatMilliseconds: 10 };
    const tail = open(idAt(test.clock()), new AbortController().signal, quick);
    expect((await tail.next()).value).to.equal('retry: 4\n\n');
    // A line that begins with a colon, and an empty one (WHATWG HTML §9.2.6).
    expect((await tail.next()).value).to.equal(': nothing new\n\n');
    expect((await tail.next()).value).to.equal(': nothing new\n\n');
    await test.deps.audit.record({ action: 'test.tail', outcome: 'denied', actor: { kind: 'system' } });
    test.clock.advance(2);
    let shown = await tail.next();
    // A heartbeat may have been under way.
    while (shown.value === ': nothing new\n\n') shown = await tail.next();
    expect(ids(shown.value)).to.have.length(1);
    expect(shown.value).to.include('"denied"');
    await tail.return(undefined);
  });

  it('says nothing but events while there are some', async () => {
    const eager = { pollMilliseconds: 1, heartbeatMilliseconds: 0 };
    const tail = open(start, new AbortController().signal, eager);
    await tail.next();
    for (let page = 0; page < 3; page += 1)
      expect(ids((await tail.next()).value)).to.have.length.greaterThan(0);
    expect((await tail.next()).value).to.equal(': nothing new\n\n');
    await tail.return(undefined);
  });

  it('ends at once when the reader is gone', async () => {
    const gone = new AbortController();
    const tail = open(idAt(test.clock()), gone.signal);
    await tail.next();
    const next = tail.next();
    gone.abort();
    expect(await next).to.deep.equal({ value: undefined, done: true });
  });
});
