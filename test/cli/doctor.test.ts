import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkContent } from '../../src/cli/doctor/content.js';
import { checkSettings } from '../../src/cli/doctor/settings.js';
import { startApp, type TestApp } from '../support/app.js';
import { type CommandLine, commandLineOf } from '../support/commandLine.js';
import { type ConfigInput, testConfig } from '../support/deps.js';
import { freePort } from '../support/freePort.js';

interface Told {
  healthy: boolean;
  errors: number;
  findings: { check: string; level: string; message: string }[];
}

describe('npx fieldgate doctor', function () {
  this.timeout(120_000);
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

  const told = async (line: CommandLine) => {
    const { code, stdout, stderr } = await line.fieldgate('doctor', '--json');
    return { code, stdout, report: JSON.parse(stdout || stderr) as Told };
  };

  it('finds a sound installation sound, and exits with 0', async () => {
    const { code, report } = await told(cli);
    expect(report.findings.filter(({ level }) => level === 'error')).to.deep.equal([]);
    expect(code).to.equal(0);
    const checks = report.findings.filter(({ level }) => level === 'ok').map(({ check }) => check);
    expect(checks).to.include.members([
      'mongodb',
      'mongodb clock',
      'indexes',
      'disk',
      'signing keys',
      'master key',
    ]);
  });

  it('names a missing index, a signing key past its age and a late checkpoint, and exits with 1', async () => {
    const { models } = app.deps;
    await models.users.collection.dropIndex('emailNormalized_1');
    const longAgo = new Date(Date.now() - 400 * 86_400_000);
    await models.signingKeys.updateOne({ status: 'current' }, { $set: { activatedAt: longAgo } });
    await models.auditCheckpoints.updateMany({}, { $set: { at: longAgo } });
    const { code, report } = await told(cli);
    expect(code).to.equal(1);
    const messageOf = (check: string) => report.findings.find((one) => one.check === check)?.message;
    expect(messageOf('indexes')).to.contain('users').and.contain('emailNormalized');
    expect(messageOf('signing keys')).to.contain('400 days old');
    expect(messageOf('audit')).to.contain('newer events');
  });

  it('tells of servers that do not answer, and never a secret', async () => {
    const port = await freePort();
    const away = await commandLineOf(app, {
      stores: {
        mongodbUri: `mongodb://someone:SECRET-ONE@127.0.0.1:${port}/x`,
        redisUrl: `redis://:SECRET-TWO@127.0.0.1:${port}`,
      },
    });
    const { code, stdout, report } = await told(away);
    await away.close();
    expect(code).to.equal(1);
    expect(
      report.findings.filter(({ level }) => level === 'error').map(({ check }) => check),
    ).to.include.members(['mongodb', 'redis']);
    expect(stdout).to.not.contain('SECRET');
  });

  it('makes nothing where nothing was started, and tells faults of the configuration', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fieldgate-doctor-'));
    const fresh = await commandLineOf(app, { dataDirectory: join(folder, 'data'), stores: {} });
    const { code, report } = await told(fresh);
    expect(code, JSON.stringify(report)).to.equal(0);
    expect(report.findings.find(({ check }) => check === 'mongodb')?.message).to.contain(
      'no embedded database yet',
    );
    await writeFile(join(fresh.folder, 'fieldgate.yaml'), 'tokens: { algorithm: none }');
    const faulty = await fresh.fieldgate('doctor');
    expect(faulty.code).to.equal(1);
    expect(faulty.stdout).to.match(/^ERROR {3}configuration: tokens\.algorithm/);
    await fresh.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('warns of administrators whose second factor is the mailbox that resets their password', async () => {
    const { models, config } = app.deps;
    const messages = async () =>
      (await checkContent(config, models)).map(({ level, message }) => `${level}: ${message}`).join('\n');
    const person = await app.signUpAndConfirm();
    const factor = { _id: 'mail', userId: person.id, kind: 'email' as const, name: 'E-mail' };
    await models.factors.create({ ...factor, confirmedAt: app.clock() });
    expect(await messages()).to.not.contain('mailbox');
    await models.users.updateOne({ _id: person.id }, { $set: { roleAssignments: [{ role: 'admin' }] } });
    expect(await messages()).to.match(/warning: whoever reads the mail of one is one \(1\).*mailbox/);
    await models.factors.updateOne({ _id: factor._id }, { $set: { confirmedAt: null } });
    expect(await messages()).to.not.contain('mailbox');
  });

  it('calls settings errors in production that are conveniences in development', () => {
    const weak: ConfigInput = {
      issuer: 'http://127.0.0.1:3000',
      rateLimits: { enabled: false },
      tokens: { accessTokenTtlSeconds: 30 },
    };
    const levels = (environment: 'development' | 'production') =>
      checkSettings(testConfig({ ...weak, environment })).map(({ level, message }) => `${level}: ${message}`);
    const production = levels('production').join('\n');
    expect(production)
      .to.match(/error: the issuer/)
      .and.match(/error: rate limits are off/)
      .and.match(/error: there is no mail transport/)
      .and.match(/warning: the embedded store/)
      .and.match(/warning: access tokens live 30 s/);
    expect(levels('development').filter((line) => line.startsWith('error'))).to.deep.equal([]);
    expect(levels('development').join('\n')).to.not.contain('issuer').and.not.contain('embedded');
  });

  it('warns in production of administrators who need no more than their mail', () => {
    const messages = (factors: NonNullable<ConfigInput['factors']>) =>
      checkSettings(testConfig({ environment: 'production', factors })).map(({ message }) => message);
    const told = (factors: NonNullable<ConfigInput['factors']>) => messages(factors).join('\n');
    expect(told({ emailSignIn: ['code'] })).to.contain('factors.emailSignIn');
    for (const factors of [
      {},
      { emailSignIn: ['link' as const], requiredAcr: 'aal2' as const },
      { emailSignIn: ['link' as const], demands: [{ role: 'admin', acr: 'aal2' as const }] },
    ]) {
      expect(told(factors)).to.not.contain('factors.emailSignIn');
    }
  });
});
