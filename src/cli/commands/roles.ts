import type { Command } from 'commander';
import { type CommonOptions, installationCommand } from './command.js';

/** Commands that look at the roles in force. */
export function addRoleCommands(program: Command): void {
  const roles = program.command('roles').description('look at the roles of the policy in force');
  installationCommand(roles, 'list', 'list the roles').action(async (options: CommonOptions) => {
    const { listRoles } = await import('../roles.js');
    process.exitCode = await listRoles(options);
  });
  installationCommand(roles, 'show', 'show a role with its rules')
    .argument('<name>', 'of the role')
    .action(async (name: string, options: CommonOptions) => {
      const { showRole } = await import('../roles.js');
      process.exitCode = await showRole(name, options);
    });
}
