import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AuditEvent } from '../../src/models/auditEvent.js';
import { startApp, type TestApp } from '../support/app.js';
import { type CommandLine, commandLineOf } from '../support/commandLine.js';

describe('npx fieldgate audit', function () {
  this.timeout(60_000);
  let app: TestApp;
  let cli: CommandLine;
  before(async () => {
    app = await startApp();
    await app.signInAs();
    cli = await commandLineOf(app);
  });
  after(async () => {
    await cli.close();
    await app.close();
  });

  const audit = (...args: string[]) => cli.fieldgate('audit', ...args);
  const file = (name: string) => join(cli.folder, name);

  it('verifies an intact trail, compares it with a checkpoint kept elsewhere, and exits with 0', async () => {
    const printed = await audit('checkpoint');
    expect(printed.code, printed.stderr).to.equal(0);
    expect(JSON.parse(printed.stdout)).to.have.all.keys('n', 'at', 'hash', 'jws');
    await writeFile(file('kept.json'), printed.stdout);
    const { code, stdout } = await audit('verify', '--checkpoint', 'kept.json');
    expect(stdout).to.match(/entries intact in \d+ chains of \d+ days/);
    expect(stdout).to.contain('the checkpoint in kept.json is in the list');
    expect(stdout).to.match(/nothing is wrong\n$/);
    expect(code).to.equal(0);
  });

  it('exports to a file, with what was encrypted opened, and tells how many', async () => {
    const { code, stderr } = await audit('export', '--format', 'csv', '--out', 'audit.csv');
    expect(code, stderr).to.equal(0);
    const text = await readFile(file('audit.csv'), 'utf8');
    expect(text)
      .to.match(/^id,at,action,/)
      .and.contain('user.signUp')
      .and.contain('127.0.0.1');
    expect(stderr).to.equal(`${text.trimEnd().split('\r\n').length - 1} events exported\n`);
    const narrow = await audit('export', '--to', '2020-01-01', '--out', '-');
    expect(narrow.stdout).to.equal('');
  });

  it('names day, sequence and kind of what was tampered with, and exits with 1', async () => {
    const event = await app.deps.models.auditEvents.findOne({ action: 'user.signUp' }).lean<AuditEvent>();
    await app.deps.models.auditEvents.updateOne({ _id: event?._id }, { $set: { outcome: 'failure' } });
    const { code, stdout } = await audit('verify', '--json');
    expect(code).to.equal(1);
    expect(JSON.parse(stdout).faults).to.deep.equal([
      {
        day: event?.chain.slice(0, 10),
        chain: event?.chain,
        sequence: event?.sequence,
        kind: 'changed',
        eventId: event?._id,
      },
    ]);
    const told = await audit('verify');
    expect(told.stdout).to.contain(
      `sequence ${event?.sequence}: changed: the entry was edited (${event?._id})`,
    );
  });

  it('says what it does not understand', async () => {
    expect((await audit('verify', '--from', 'monday')).stderr).to.contain('monday is not a day');
    await writeFile(file('empty.json'), '{}');
    expect((await audit('verify', '--checkpoint', 'empty.json')).stderr).to.contain('holds no checkpoint');
    expect((await audit('export', '--format', 'xml', '--out', '-')).stderr).to.contain(
      '--format is jsonl or csv',
    );
  });
});
