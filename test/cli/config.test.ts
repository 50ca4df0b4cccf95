import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { configTable } from '../../src/config/table.js';
import { VERSION } from '../../src/version.js';
import { runCommandIn } from '../support/commandLine.js';
import { run } from '../support/run.js';

describe('npx fieldgate', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldgate-cli-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const fieldgate = (args: string[], env: NodeJS.ProcessEnv = {}) => runCommandIn(folder, args, env);

  const written = (text: string): string => {
    const file = join(folder, 'checked.yaml');
    writeFileSync(file, text);
    return file;
  };

  it('prints its version', async () => {
    const printed = { code: 0, stdout: `${VERSION}\n`, stderr: '' };
    for (const args of [['version'], ['--version'], ['-V']]) {
      expect(await fieldgate(args)).to.deep.equal(printed);
    }
    expect(await run('dist/src/cli/main.js', ['version'], { cwd: folder })).to.deep.equal(printed);
  });

  it('tells its exit codes in the help', async () => {
    const { code, stdout } = await fieldgate(['--help']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/78 +the configuration is wrong/);
  });

  it('exits with 2 for what it does not know', async () => {
    for (const args of [['nope'], ['config', 'check', '--nope'], ['import'], []]) {
      expect((await fieldgate(args)).code, args.join(' ')).to.equal(2);
    }
  });

  it('prints the configuration in force with its secrets masked', async () => {
    const file = written('metrics: {token: hunter2hunter2hunter2}\ntokens: {accessTokenTtlSeconds: 60}');
    const env = { MONGODB_URI: 'mongodb://u:hunter2@db/x' };
    const { code, stdout } = await fieldgate(['config', 'check', file], env);
    expect(code).to.equal(0);
    expect(stdout).not.to.contain('hunter2');
    const shown = parse(stdout) as object;
    expect(shown).to.have.nested.property('tokens.accessTokenTtlSeconds', 60);
    expect(shown).to.have.nested.property('stores.mongodbUri', '********');
    const asJson = await fieldgate(['config', 'check', file, '--json'], env);
    expect(JSON.parse(asJson.stdout)).to.deep.equal(shown);
  });

  it('tells every fault at once and exits with 78', async () => {
    const file = written('listen: {port: 99999}\nissuer: https://a.example/');
    const { code, stdout, stderr } = await fieldgate(['config', 'check', file]);
    expect(code).to.equal(78);
    expect(stdout).to.equal('');
    expect(stderr).to.contain('listen.port (checked.yaml:1)').and.contain('issuer (checked.yaml:2)');
    const asJson = await fieldgate(['config', 'check', file, '--json']);
    expect(asJson.code).to.equal(78);
    expect((JSON.parse(asJson.stdout) as { faults: object[] }).faults).to.have.length(2);
  });

  it('prints the configuration table', async () => {
    expect((await fieldgate(['config', 'table'])).stdout).to.equal(`${configTable()}\n`);
  });

  it('makes a certificate for the hosts that are named', async () => {
    const { code, stdout } = await fieldgate(['certificate', 'tls', '--host', 'localhost', 'proxy']);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'tls/cert.pem\ntls/key.pem\n' });
  });

  it('starts nothing with a wrong configuration: the other commands and the server exit with 78, too', async () => {
    const file = written('tokens: {algorithm: none}');
    for (const [program, ...args] of [
      ['dist/src/cli/main.js', 'keys', 'rotate', '--config', file],
      ['dist/src/main.js', file],
    ]) {
      const { code, stderr } = await run(program!, args, { cwd: folder });
      expect(code, program).to.equal(78);
      expect(stderr).to.contain('tokens.algorithm (checked.yaml:1): must be one of RS256');
    }
  });
});
