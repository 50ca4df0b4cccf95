import type { Command } from 'commander';
import type { ForgetMasterKeyOptions } from '../forgetMasterKey.js';
import type { RotateMasterKeyOptions } from '../rotateMasterKey.js';
import { type CommonOptions, installationCommand } from './command.js';

/** Commands about the keys that sign tokens. */
export function addKeyCommands(program: Command): void {
  const keys = program.command('keys').description('look after the keys');
  installationCommand(keys, 'list', 'list the signing keys, without their secret halves').action(
    async (options: CommonOptions) => {
      const { listKeys } = await import('../keys.js');
      process.exitCode = await listKeys(options);
    },
  );
  installationCommand(
    keys,
    'rotate',
    'make the next signing key the current one; tokens of the old one stay valid until they expire',
  ).action(async (options: CommonOptions) => {
    const { rotateKeys } = await import('../keys.js');
    process.exitCode = await rotateKeys(options);
  });
  installationCommand(
    keys,
    'rotate-master',
    'encrypt every secret anew under a new master key, beside running servers; goes on where it was killed',
  )
    .option('--new-key-file <file>', 'where masterKey is configured: the new key, made when there is none')
    .option(
      '--settle <seconds>',
      'time for other servers to learn the new data key, and to finish; 0 when none runs',
      '30',
    )
    .action(async (options: RotateMasterKeyOptions) => {
      const { rotateMasterKeyFromOptions } = await import('../rotateMasterKey.js');
      process.exitCode = await rotateMasterKeyFromOptions(options);
    });
  installationCommand(
    keys,
    'forget-master',
    'when the master key is lost for good: remove what only it opens, and start with the one at hand',
  )
    .option('--lose-what-it-encrypted', 'says that you know what goes (docs/guides/master-key.md)')
    .action(async (options: ForgetMasterKeyOptions) => {
      const { forgetMasterKey } = await import('../forgetMasterKey.js');
      process.exitCode = await forgetMasterKey(options);
    });
}
