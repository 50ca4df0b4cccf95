import { expect } from 'chai';
import { createMessageDispatcher } from '../../../src/identity/messages/dispatcher.js';
import type { AuditEntry } from '../../../src/identity/ports.js';
import { recordingLogger } from '../../support/logger.js';

/** A promise and what settles it. */
function gate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

describe('the message dispatcher', () => {
  const setUp = () => {
    const logger = recordingLogger();
    const entries: AuditEntry[] = [];
    const audit = {
      record: async (entry: AuditEntry) => void entries.push(entry),
      recordSoon: (entry: AuditEntry) => void entries.push(entry),
    };
    return { logger, entries, dispatcher: createMessageDispatcher({ logger, audit }) };
  };

  it('returns before the job starts, and idle waits for it', async () => {
    const { dispatcher } = setUp();
    const steps: string[] = [];
    dispatcher.enqueue('test', async () => void steps.push('job'));
    steps.push('after enqueue');
    await dispatcher.idle();
    expect(steps).to.deep.equal(['after enqueue', 'job']);
  });

  it('runs eight jobs at a time, the others in order', async () => {
    const { dispatcher } = setUp();
    const blocked = gate();
    let running = 0;
    let most = 0;
    const started: number[] = [];
    for (let index = 0; index < 20; index += 1) {
      dispatcher.enqueue('test', async () => {
        started.push(index);
        running += 1;
        most = Math.max(most, running);
        await blocked.passed;
        running -= 1;
      });
    }
    blocked.open();
    await dispatcher.idle();
    expect(most).to.equal(8);
    expect(started).to.deep.equal(Array.from({ length: 20 }, (_, index) => index));
  });

  it('waits for jobs that jobs hand over', async () => {
    const { dispatcher } = setUp();
    let done = false;
    dispatcher.enqueue('outer', async () => {
      dispatcher.enqueue('inner', async () => {
        done = true;
      });
    });
    await dispatcher.idle();
    expect(done).to.equal(true);
  });

  it('logs and audits a failure by its purpose, and goes on', async () => {
    const { dispatcher, logger, entries } = setUp();
    let sent = false;
    dispatcher.enqueue('confirmEmail', () => Promise.reject(new Error('server said no')));
    dispatcher.enqueue('next', async () => {
      sent = true;
    });
    await dispatcher.idle();
    expect(sent).to.equal(true);
    expect(logger.lines).to.deep.equal([
      {
        level: 'error',
        fields: { purpose: 'confirmEmail', reason: 'server said no' },
        message: 'message was not sent',
      },
    ]);
    expect(entries[0]).to.include({ action: 'message.send', outcome: 'failure' });
  });

  it('sends what it took before it closes, and takes nothing more', async () => {
    const { dispatcher, logger } = setUp();
    const blocked = gate();
    let sent = 0;
    dispatcher.enqueue('test', async () => {
      await blocked.passed;
      sent += 1;
    });
    const closed = dispatcher.close();
    dispatcher.enqueue('late', async () => {
      sent += 10;
    });
    blocked.open();
    await closed;
    expect(sent).to.equal(1);
    expect(logger.lines.map(({ fields }) => fields)).to.deep.equal([
      { purpose: 'late', reason: 'the process is shutting down' },
    ]);
  });

  it('is bounded while a mail server hangs', async () => {
    const { dispatcher, logger } = setUp();
    const blocked = gate();
    for (let index = 0; index < 2100; index += 1) dispatcher.enqueue('test', () => blocked.passed);
    expect(logger.lines.length).to.equal(100);
    blocked.open();
    await dispatcher.idle();
  });
});
