import type { Command } from 'commander';
import type { ExportUsersOptions } from '../exportUsers.js';
import type { ListUsersOptions } from '../listUsers.js';
import type { LockOptions } from '../lockUser.js';
import type { ResetOptions } from '../resetUser.js';
import type { CreateUserOptions } from '../users.js';
import { type CommonOptions, installationCommand } from './command.js';

const USER = 'id, e-mail address, phone number or username';

/** Commands that look after people's accounts. */
export function addUserCommands(program: Command): void {
  const users = program.command('users').description('look after users');
  installationCommand(users, 'list', 'list users, oldest first')
    .option('--status <status>', 'active, locked or disabled')
    .option('--role <name>', 'who holds this role')
    .option('--after <id>', 'go on after this user')
    .option('--limit <number>', 'most users (default: 100)')
    .action(async (options: ListUsersOptions) => {
      const { listUsers } = await import('../listUsers.js');
      process.exitCode = await listUsers(options);
    });
  installationCommand(users, 'show', 'show a user with factors and sessions')
    .argument('<user>', USER)
    .action(async (user: string, options: CommonOptions) => {
      const { showUser } = await import('../listUsers.js');
      process.exitCode = await showUser(user, options);
    });
  addCreate(users);
  addImport(users);
  addImport(program);
  installationCommand(users, 'export', 'write users as JSON lines that import reads, without secrets')
    .option('--out <file>', 'where to; - for standard output', '-')
    .option('--with-hashes', 'with password hashes')
    .action(async (options: ExportUsersOptions) => {
      const { exportUsersToFile } = await import('../exportUsers.js');
      process.exitCode = await exportUsersToFile(options);
    });
  addLocks(users);
  installationCommand(users, 'reset', 'mail a link that sets a new password, or print it')
    .argument('<user>', USER)
    .option('--print', 'print the link and mail nothing')
    .action(async (user: string, options: ResetOptions) => {
      const { resetUserPassword } = await import('../resetUser.js');
      process.exitCode = await resetUserPassword(user, options);
    });
}

function addCreate(users: Command): void {
  installationCommand(
    users,
    'create',
    'create a confirmed user; without a password, the owner gets a letter with a link that sets one',
  )
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
    .action(async (options: CreateUserOptions) => {
      const { createUserFromOptions } = await import('../users.js');
      process.exitCode = await createUserFromOptions(options);
    });
}

function addImport(parent: Command): void {
  installationCommand(
    parent,
    'import',
    'create users from a file; those that are there already are skipped, bad lines reported and left out',
  )
    .argument('<file>', 'JSON Lines, one user a line; - for standard input')
    .action(async (file: string, options: CommonOptions) => {
      const { importFile } = await import('../importUsers.js');
      process.exitCode = await importFile(file, options);
    });
}

function addLocks(users: Command): void {
  installationCommand(users, 'lock', 'lock an account and end its sessions')
    .argument('<user>', USER)
    .option('--until <time>', 'day, or ISO 8601 time with its offset; absent: until it is unlocked')
    .option('--reason <text>', 'for other administrators')
    .action(async (user: string, options: LockOptions) => {
      const { lockFromOptions } = await import('../lockUser.js');
      process.exitCode = await lockFromOptions(user, options);
    });
  installationCommand(users, 'unlock', 'lift a lock, also the one of failed sign-ins')
    .argument('<user>', USER)
    .action(async (user: string, options: CommonOptions) => {
      const { unlockFromOptions } = await import('../lockUser.js');
      process.exitCode = await unlockFromOptions(user, options);
    });
}
