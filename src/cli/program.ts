import { Command } from 'commander';
import { VERSION } from '../version.js';
import { addAuditCommands } from './commands/audit.js';
import { addBackupCommands } from './commands/backup.js';
import { addClientCommands } from './commands/clients.js';
import { addInstallationCommands } from './commands/installation.js';
import { addKeyCommands } from './commands/keys.js';
import { addRoleCommands } from './commands/roles.js';
import { addTokenCommands } from './commands/tokens.js';
import { addUserCommands } from './commands/users.js';
import { EXIT_CODES_HELP } from './exitCodes.js';

/** `npx fieldgate`. Each command loads what it needs when it runs, so that help and version are quick. */
export function fieldgate(): Command {
  const program = new Command('fieldgate')
    .description('Runs and looks after a Fieldgate installation.')
    .version(VERSION, '-V, --version')
    .addHelpText('after', EXIT_CODES_HELP)
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride();
  addInstallationCommands(program);
  addUserCommands(program);
  addClientCommands(program);
  addRoleCommands(program);
  addKeyCommands(program);
  addTokenCommands(program);
  addAuditCommands(program);
  addBackupCommands(program);
  return program;
}
