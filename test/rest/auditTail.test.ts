import { expect } from 'chai';
import { idAt } from '../../src/identity/audit/readEvents.js';
import type { Access } from '../../src/policies/decision.js';
import { tailEvents } from '../../src/rest/auditTail.js';
import { createTestDeps, type TestDeps } from '../support/deps.js';

describe('a live tail of the audit trail', () => {
  let test: TestDeps;
  let start: string;
  let renewals: number;
  /** May read everything: what may be read is tested through HTTP. */
  const access = { decide: () => ({ allowed: true }) } as unknown as Access;
  const query = { action: 'test.tail' };
  const open = (after = start, signal = new AbortController().signal) =>
    tailEvents(test.deps, {
      after,
      signal,
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

  it('ends at once when the reader is gone', async () => {
    const gone = new AbortController();
    const tail = open(idAt(test.clock()), gone.signal);
    await tail.next();
    const next = tail.next();
    gone.abort();
    expect(await next).to.deep.equal({ value: undefined, done: true });
  });
});
