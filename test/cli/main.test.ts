import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Command } from 'commander';
import { fieldgate as program } from '../../src/cli/program.js';
import { resetPassword } from '../../src/identity/accounts/passwords.js';
import type { AuditEvent } from '../../src/models/auditEvent.js';
import { GOOD_PASSWORD, startApp, type TestApp } from '../support/app.js';
import { type CommandLine, commandLineOf } from '../support/commandLine.js';
import { ORIGIN } from '../support/deps.js';
import { refusal } from '../support/refusal.js';

describe('npx fieldgate', function () {
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

  const lastEvent = (action: string) =>
    app.deps.models.auditEvents.findOne({ action }).sort({ _id: -1 }).lean<AuditEvent>();

  it('has a description, help and --json on every command', () => {
    const leaves = (command: Command): Command[] =>
      command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
    const commands = leaves(program());
    expect(commands.length).to.be.above(20);
    for (const command of commands) {
      expect(command.description(), command.name()).to.not.equal('');
      expect(
        command.options.map(({ long }) => long),
        command.name(),
      ).to.include('--json');
    }
  });

  it('ends with 2 for what it does not know, 66 for who is not there, 65 for what is refused', async () => {
    const [unknown, absent, refused, wrong] = await Promise.all([
      cli.fieldgate('users', 'promote'),
      cli.fieldgate('users', 'show', 'nobody@example.com', '--json'),
      cli.fieldgate('users', 'create', '--username', 'x!', '--generate-password'),
      cli.fieldgate('roles', 'list', '--config', 'absent.yaml', '--json'),
    ]);
    expect(unknown.code, unknown.stderr).to.equal(2);
    expect(absent.code).to.equal(66);
    expect(JSON.parse(absent.stderr)).to.deep.equal({
      error: { code: 'NOT_FOUND', message: 'there is no user nobody@example.com' },
    });
    expect(absent.stdout).to.equal('');
    expect(refused.code, refused.stderr).to.equal(65);
    expect(wrong.code).to.equal(78);
    expect(JSON.parse(wrong.stderr).error.code).to.equal('CONFIG');
  });

  it('ends with 69 when the database does not answer', async () => {
    const away = await commandLineOf(app, { stores: { mongodbUri: 'mongodb://127.0.0.1:1/nowhere' } });
    const { code, stderr } = await away.fieldgate('users', 'list');
    await away.close();
    expect(stderr).to.contain('MongoDB does not answer');
    expect(code).to.equal(69);
  });

  it('creates a user who can sign in, and the trail names the command line', async () => {
    const made = await cli.json<{ id: string; password: string }>(
      'users',
      'create',
      '--email',
      'ada@example.com',
      '--name',
      'Ada',
      '--generate-password',
    );
    const shown = await cli.json<Record<string, unknown>>('users', 'show', 'ADA@example.com');
    expect(shown).to.deep.include({
      id: made.id,
      emailVerified: true,
      mustChangePassword: true,
      sessions: 0,
    });
    expect(JSON.stringify(shown)).to.not.contain('argon2');
    expect(await lastEvent('user.create')).to.deep.include({
      actorKind: 'system',
      actorId: 'command-line',
      objectId: made.id,
    });
  });

  it('makes no account whose owner could not be told of it', async () => {
    const byMailOnly = await commandLineOf(app, { mail: { smtpUrl: 'smtp://127.0.0.1:9' } });
    const accounts = await app.deps.models.users.countDocuments();
    try {
      const [nobody, noMail, noSms, nowhere] = await Promise.all([
        cli.fieldgate('users', 'create', '--name', 'Eve'),
        cli.fieldgate('users', 'create', '--email', 'eve@example.com'),
        byMailOnly.fieldgate('users', 'create', '--phone', '+14155550199'),
        byMailOnly.fieldgate('users', 'create', '--username', 'eve'),
      ]);
      expect(nobody).to.include({ code: 65, stdout: '' });
      expect(nobody.stderr).to.contain('An account needs an e-mail address, a phone number or a username.');
      expect(noMail).to.include({ code: 65, stdout: '' });
      expect(noMail.stderr).to.contain('without mail.smtpUrl no letter can be sent');
      expect(noSms).to.include({ code: 65, stdout: '' });
      expect(noSms.stderr).to.contain('without sms.twilio no message can be sent');
      expect(nowhere).to.include({ code: 65, stdout: '' });
      expect(nowhere.stderr).to.contain('neither an address nor a number');
      for (const { stderr } of [noMail, noSms, nowhere]) expect(stderr).to.contain('--generate-password');
    } finally {
      await byMailOnly.close();
    }
    expect(await app.deps.models.users.countDocuments()).to.equal(accounts);
  });

  it('lists users page by page', async () => {
    await app.signUpAndConfirm();
    type Page = { users: { id: string }[]; next: string | null };
    const first = await cli.json<Page>('users', 'list', '--limit', '1');
    expect(first.users).to.have.length(1);
    const rest = await cli.json<Page>('users', 'list', '--after', String(first.next));
    expect(rest.users.length).to.equal((await app.deps.models.users.countDocuments()) - 1);
    expect(rest.next).to.equal(null);
    const admins = await cli.fieldgate('users', 'list', '--role', 'admin');
    expect(admins.stdout.split('\n')[1]).to.contain('root@example.com');
  });

  it('locks a user, which ends their sessions, and unlocks them', async () => {
    const person = await app.signInAs();
    expect(await cli.json('users', 'lock', person.email, '--reason', 'stolen')).to.deep.include({
      id: person.id,
      status: 'locked',
    });
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id, revokedAt: null })).to.equal(0);
    const body = { identifier: person.email, password: person.password };
    expect((await app.rest('/auth/login', { body })).status).to.not.equal(200);
    expect((await cli.fieldgate('users', 'unlock', person.id)).stdout).to.equal(
      `unlocked ${person.id}: active\n`,
    );
    expect((await app.rest('/auth/login', { body })).status).to.equal(200);
    for (const until of ['soon', '9', '2099-02-30', '2099-03-01T12:00'])
      expect((await cli.fieldgate('users', 'lock', person.id, '--until', until)).code).to.equal(65);
  });

  it('prints a link that sets a new password once, and without a mail server says so', async () => {
    const person = await app.signUpAndConfirm();
    const unsent = await cli.fieldgate('users', 'reset', person.email);
    expect(unsent.code).to.equal(65);
    expect(unsent.stderr).to.contain('--print');
    const { url } = await cli.json<{ url: string }>('users', 'reset', person.email, '--print');
    const token = new URL(url).searchParams.get('token');
    const use = () =>
      resetPassword(app.deps, { token: String(token), newPassword: `${GOOD_PASSWORD} again` }, ORIGIN);
    await use();
    await refusal(use(), 'CODE_INVALID');
    await app.signIn({ email: person.email, password: `${GOOD_PASSWORD} again` });
    expect(await lastEvent('user.helpWithReset')).to.deep.include({ objectId: person.id });
  });

  it('exports users as lines that import reads, hashes only where asked for', async () => {
    await app.signUp();
    const bare = await cli.fieldgate('users', 'export');
    expect(bare.stdout).to.not.contain('argon2');
    const { code, stderr } = await cli.fieldgate('users', 'export', '--with-hashes', '--out', 'users.jsonl');
    expect(code, stderr).to.equal(0);
    const lines = (await readFile(join(cli.folder, 'users.jsonl'), 'utf8')).trimEnd().split('\n');
    const proven = await app.deps.models.users.countDocuments({ unconfirmedExpiresAt: null });
    expect(lines).to.have.length(proven);
    expect(stderr).to.equal(`${proven} users exported\n`);
    const other = await startApp();
    const otherCli = await commandLineOf(other);
    const imported = await otherCli.json<object>('users', 'import', join(cli.folder, 'users.jsonl'));
    await otherCli.close();
    await other.close();
    // The administrator is there already.
    expect(imported).to.include({ imported: proven - 1, skipped: 1, faulty: 0 });
    expect(await lastEvent('user.export')).to.not.equal(null);
  });

  it('registers a client, gives it another secret and removes it', async () => {
    type Made = { client_id: string; client_secret: string };
    const made = await cli.json<Made>('clients', 'create', 'Nightly job');
    const token = (secret: string) =>
      app.rest('/oauth/token', {
        form: { grant_type: 'client_credentials' },
        basic: [made.client_id, secret],
      });
    expect((await token(made.client_secret)).status).to.equal(200);
    const shown = await cli.json<object>('clients', 'show', made.client_id);
    expect(shown).to.deep.include({ grantTypes: ['client_credentials'] });
    expect(JSON.stringify(shown)).to.not.contain('hash');
    const rotated = await cli.json<Made>('clients', 'rotate-secret', made.client_id);
    expect((await token(rotated.client_secret)).status).to.equal(200);
    expect((await token(made.client_secret)).status).to.equal(401);
    const { access_token: stolen } = (await token(rotated.client_secret)).body;
    await cli.json('clients', 'rotate-secret', made.client_id, '--revoke-tokens');
    expect((await app.rest('/auth/validate', { token: stolen })).status).to.equal(401);
    expect((await cli.fieldgate('clients', 'list')).stdout).to.contain('Nightly job');
    expect(await cli.json('clients', 'delete', made.client_id)).to.deep.equal({ deleted: made.client_id });
    expect((await cli.fieldgate('clients', 'show', made.client_id)).code).to.equal(66);
    expect(await lastEvent('client.delete')).to.deep.include({ actorId: 'command-line' });
  });

  it('takes no grant type that is none, also not one that every object has', async () => {
    for (const grant of ['implicit', 'constructor', '__proto__']) {
      const made = await cli.fieldgate('clients', 'create', 'An app', '--grant', grant);
      expect(made, grant).to.include({ code: 65, stdout: '' });
      expect(made.stderr, grant).to.contain('--grant is one of authorization_code,');
    }
  });

  it('shows roles and keys, and no secret half', async () => {
    const { roles } = await cli.json<{ roles: { name: string }[] }>('roles', 'list');
    expect(roles.map(({ name }) => name)).to.include.members(['admin', 'user']);
    expect(await cli.json<object>('roles', 'show', 'user')).to.have.property('rules');
    expect((await cli.fieldgate('roles', 'show', 'none')).code).to.equal(66);
    const { published } = await cli.json<{ published: string[] }>('keys', 'rotate');
    const { keys } = await cli.json<{ keys: { kid: string; status: string }[] }>('keys', 'list');
    expect(keys.map(({ kid }) => kid)).to.include.members(published);
    expect(keys.map(({ status }) => status)).to.include.members(['current', 'next', 'retired']);
    expect(JSON.stringify(keys)).to.not.match(/Jwk|"d"/);
  });
});
