import type { Command } from 'commander';

/** What every command that works on an installation takes. */
export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** A command with `--json`. */
export function jsonCommand(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).option('--json', 'print JSON');
}

/** A command with `--json` that works on the installation of a configuration file. */
export function installationCommand(parent: Command, name: string, description: string): Command {
  return jsonCommand(parent, name, description).option(
    '-c, --config <file>',
    'configuration file (default: FIELDGATE_CONFIG, else ./fieldgate.yaml)',
  );
}
