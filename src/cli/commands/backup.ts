import type { Command } from 'commander';
import type { BackupOptions } from '../backup/backup.js';
import type { RestoreOptions } from '../backup/restore.js';
import { installationCommand } from './command.js';

const withPassphrase = (command: Command) =>
  command
    .option('--passphrase-file <file>', 'encrypts the archive; 12 characters at least')
    .option('--passphrase-stdin', 'the same, read from standard input');

/** Commands that write everything to a file and read it back. */
export function addBackupCommands(program: Command): void {
  withPassphrase(
    installationCommand(program, 'backup', 'write everything to one file, also while the server runs'),
  )
    .argument('<file>', 'where to')
    .option('--with-master-key', 'put the master key in, too; needs a passphrase')
    .action(async (file: string, options: BackupOptions) => {
      const { backUp } = await import('../backup/backup.js');
      process.exitCode = await backUp(file, options);
    });
  withPassphrase(installationCommand(program, 'restore', 'verify a backup and put it into an empty database'))
    .argument('<file>', 'a backup')
    .option('--force', 'remove what the database holds')
    .action(async (file: string, options: RestoreOptions) => {
      const { restore } = await import('../backup/restore.js');
      process.exitCode = await restore(file, options);
    });
}
