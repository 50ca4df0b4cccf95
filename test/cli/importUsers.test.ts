import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import { type CommandLine, commandLineOf } from '../support/commandLine.js';
import { run } from '../support/run.js';

describe('npx fieldgate import', function () {
  this.timeout(60_000);
  let app: TestApp;
  let cli: CommandLine;
  before(async () => {
    app = await startApp();
    cli = await commandLineOf(app);
  });
  after(async () => {
    await cli.close();
    await app.close();
  });

  const imported = (...args: string[]) => cli.fieldgate('import', ...args);
  const file = (name: string) => join(cli.folder, name);

  it('imports what is right, names what is not by its line, and exits with 1 then', async () => {
    const lines = [
      '{"email":"ann@example.com"}',
      'no json',
      '{"email":"bob@example.com"}',
      '{"name":"nobody"}',
    ];
    await writeFile(file('users.jsonl'), lines.join('\n'));
    const { code, stdout, stderr } = await imported('users.jsonl', '--json');
    expect(code).to.equal(1);
    expect(JSON.parse(stdout)).to.deep.equal({ line: 4, imported: 2, skipped: 0, faulty: 2 });
    expect(stderr)
      .to.match(/^line 2: /m)
      .and.match(/^line 4: /m);
    expect(existsSync(file('users.jsonl.progress'))).to.equal(false);
  });

  it('skips who is there already, reads standard input, and exits with 0 when nothing was left out', async () => {
    const { code, stdout } = await run('dist/src/cli/main.js', ['import', '-'], {
      cwd: cli.folder,
      input: '{"email":"ANN@example.com"}\n{"email":"eve@example.com"}\n',
    });
    expect(stdout).to.equal('2 lines read: 1 imported, 1 there already, 0 left out\n');
    expect(code).to.equal(0);
  });

  it('goes on after the line that an interrupted run has finished', async () => {
    await writeFile(file('more.jsonl'), '{"email":"a1@example.com"}\n{"email":"a2@example.com"}\n');
    await writeFile(file('more.jsonl.progress'), '1\n');
    const { stdout } = await imported('more.jsonl', '--json');
    expect(JSON.parse(stdout)).to.deep.include({ line: 2, imported: 1 });
    const again = await imported('more.jsonl', '--json');
    expect(JSON.parse(again.stdout)).to.deep.include({ line: 2, imported: 1, skipped: 1 });
  });

  it('says so when there is no such file', async () => {
    const { code, stderr } = await imported('absent.jsonl');
    expect(code).to.equal(66);
    expect(stderr).to.contain('absent.jsonl');
  });
});
