#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CONFIG_EXIT_CODE, ConfigError } from '../config/configError.js';
import { AppError } from '../errors.js';
import { VERSION } from '../version.js';
import { EXIT } from './exitCodes.js';
import type { RevokeTokensOptions } from './tokens.js';
import type { CreateUserOptions } from './users.js';

const EXIT_CODES = `
Exit codes:
  0   done
  1   failed, or done in part (import left lines out, audit verify found faults)
  2   unknown command, option or argument
  78  the configuration is wrong`;

interface ConfigOption {
  readonly config?: string;
}

/** `npx fieldgate`. Each command loads what it needs when it runs, so that help and version are quick. */
function fieldgate(): Command {
  const program = new Command('fieldgate')
    .description('Runs and looks after a Fieldgate installation.')
    .version(VERSION, '-V, --version')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  const withConfig = (command: Command) =>
    command.option(
      '-c, --config <file>',
      'configuration file (default: FIELDGATE_CONFIG, else ./fieldgate.yaml)',
    );

  program
    .command('version')
    .description('print the version')
    .action(() => void process.stdout.write(`${VERSION}\n`));

  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .argument('[file]', 'configuration file (default: FIELDGATE_CONFIG, else ./fieldgate.yaml)')
    .option('--json', 'print JSON instead of YAML')
    .description('tell every fault, or print what is in force with secrets masked')
    .action(async (file: string | undefined, options: { json?: boolean }) => {
      const { checkConfig } = await import('./config.js');
      process.exitCode = checkConfig(file, options);
    });
  config
    .command('table')
    .description('print every key, its variable, type, default and meaning as Markdown')
    .action(async () => {
      const { printConfigTable } = await import('./config.js');
      printConfigTable();
    });

  withConfig(program.command('import'))
    .argument('<file>', 'JSON Lines, one user a line; - for standard input')
    .option('--json', 'print the summary as JSON')
    .description(
      'create users from a file; those that are there already are skipped, bad lines reported and left out',
    )
    .action(async (file: string, options: ConfigOption & { json?: boolean }) => {
      const { importFile } = await import('./importUsers.js');
      process.exitCode = await importFile(file, options);
    });

  const keys = program.command('keys').description('look after the signing keys');
  withConfig(keys.command('rotate'))
    .description(
      'make the next signing key the current one; tokens of the old one stay valid until they expire',
    )
    .action(async (options: ConfigOption) => {
      const { rotateKeys } = await import('./keys.js');
      process.exitCode = await rotateKeys(options);
    });

  const tokens = program.command('tokens').description('look after what was issued');
  withConfig(tokens.command('revoke'))
    .option('--user <id>', 'every token and session of this user')
    .option('--client <id>', 'every token of this client')
    .option('--session <id>', 'this session with its tokens')
    .option('--family <id>', 'the refresh tokens of one grant')
    .option('--everything', 'every token and session of the installation, and the keys that signed them')
    .description('revoke tokens at once, for every replica; exactly one option')
    .action(async (options: RevokeTokensOptions) => {
      const { revokeFromOptions } = await import('./tokens.js');
      process.exitCode = await revokeFromOptions(options);
    });

  const audit = program.command('audit').description('verify, anchor and export the audit trail');
  withConfig(audit.command('verify'))
    .option('--from <day>', 'first day, UTC: 2026-01-31')
    .option('--to <day>', 'last day, included')
    .option('--checkpoint <file>', 'compare with a checkpoint that was kept elsewhere')
    .option('--json', 'print JSON')
    .description(
      'name every entry that was changed, removed, inserted or moved; exits with 1 if there is any',
    )
    .action(
      async (options: ConfigOption & { from?: string; to?: string; checkpoint?: string; json?: boolean }) => {
        const { verifyAudit } = await import('./audit.js');
        process.exitCode = await verifyAudit(options);
      },
    );
  withConfig(audit.command('checkpoint'))
    .description('print the newest signed checkpoint, to be kept elsewhere')
    .action(async (options: ConfigOption) => {
      const { printCheckpoint } = await import('./audit.js');
      process.exitCode = await printCheckpoint(options);
    });
  withConfig(audit.command('export'))
    .option('--format <format>', 'jsonl or csv', 'jsonl')
    .option('--from <time>', 'day or ISO 8601 time, included')
    .option('--to <time>', 'day or ISO 8601 time, not included')
    .requiredOption('--out <file>', 'where to; - for standard output')
    .description('write the events of a time to a file')
    .action(async (options: ConfigOption & { format: string; from?: string; to?: string; out: string }) => {
      const { exportAudit } = await import('./audit.js');
      process.exitCode = await exportAudit(options);
    });

  const users = program.command('users').description('look after users');
  withConfig(users.command('create'))
    .option('--email <address>', 'e-mail address, taken as confirmed')
    .option('--username <name>', 'username')
    .option('--phone <number>', 'phone in E.164, taken as confirmed')
    .option('--name <name>', 'name')
    .option('--role <role...>', 'roles (default: those of accounts.defaultRoles)')
    .option('--password-stdin', 'read the password from standard input')
    .option(
      '--generate-password',
      'make a password and print it once; it must be changed at the first sign-in',
    )
    .option('--json', 'print JSON')
    .description(
      'create a confirmed user; without a password, the owner gets a letter with a link that sets one',
    )
    .action(async (options: CreateUserOptions) => {
      const { createUserFromOptions } = await import('./users.js');
      process.exitCode = await createUserFromOptions(options);
    });

  program
    .command('certificate')
    .argument('<folder>', 'where cert.pem and key.pem are kept')
    .option('--host <name...>', 'names and addresses (default: localhost, 127.0.0.1, ::1)')
    .description('make a self-signed certificate for development, unless a valid one is there')
    .action(async (folder: string, { host }: { host?: string[] }) => {
      const { localCertificate } = await import('./certificate.js');
      const { cert, key } = await localCertificate(folder, { hosts: host });
      process.stdout.write(`${cert}\n${key}\n`);
    });
  return program;
}

try {
  await fieldgate().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  // commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  process.stderr.write(`${messageOf(error)}\n`);
  return error instanceof ConfigError ? CONFIG_EXIT_CODE : EXIT.failed;
}

/** Operators are told the private detail too: nobody else reads this terminal. */
function messageOf(error: unknown): string {
  if (!(error instanceof AppError)) return error instanceof Error ? error.message : String(error);
  const { path, publicMessage, message } = error;
  return [path?.join('.'), publicMessage, message].filter(Boolean).join(': ');
}
