import type { Command } from 'commander';
import type { RevokeTokensOptions } from '../tokens.js';
import { installationCommand } from './command.js';

/** Commands about what was issued. */
export function addTokenCommands(program: Command): void {
  const tokens = program.command('tokens').description('look after what was issued');
  installationCommand(tokens, 'revoke', 'revoke tokens at once, for every replica; exactly one option')
    .option('--user <id>', 'every token and session of this user')
    .option('--client <id>', 'every token of this client')
    .option('--session <id>', 'this session with its tokens')
    .option('--family <id>', 'the refresh tokens of one grant')
    .option('--everything', 'every token and session of the installation, and the keys that signed them')
    .action(async (options: RevokeTokensOptions) => {
      const { revokeFromOptions } = await import('../tokens.js');
      process.exitCode = await revokeFromOptions(options);
    });
}
