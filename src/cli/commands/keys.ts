import type { Command } from 'commander';
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
}
