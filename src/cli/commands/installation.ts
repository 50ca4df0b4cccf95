import type { Command } from 'commander';
import { VERSION } from '../../version.js';
import { print } from '../output.js';
import { type CommonOptions, installationCommand, jsonCommand } from './command.js';

/** Commands about the installation as a whole. */
export function addInstallationCommands(program: Command): void {
  jsonCommand(program, 'version', 'print the version').action(({ json }: { json?: boolean }) =>
    print(json, { version: VERSION }, VERSION),
  );

  const config = program.command('config').description('look at the configuration');
  jsonCommand(config, 'check', 'tell every fault, or print what is in force with secrets masked')
    .argument('[file]', 'configuration file (default: FIELDGATE_CONFIG, else ./fieldgate.yaml)')
    .action(async (file: string | undefined, options: { json?: boolean }) => {
      const { checkConfig } = await import('../config.js');
      process.exitCode = checkConfig(file, options);
    });
  jsonCommand(
    config,
    'table',
    'print every key, its variable, type, default and meaning, as Markdown or JSON',
  ).action(async (options: { json?: boolean }) => {
    const { printConfigTable } = await import('../config.js');
    printConfigTable(options);
  });

  installationCommand(
    program,
    'doctor',
    'tell what is wrong or weak: settings, files, databases, clocks, indexes, keys; exits with 1 for an error',
  ).action(async (options: CommonOptions) => {
    const { examine } = await import('../doctor/doctor.js');
    process.exitCode = await examine(options);
  });

  jsonCommand(
    program,
    'certificate',
    'make a self-signed certificate for development, unless a valid one is there',
  )
    .argument('<folder>', 'where cert.pem and key.pem are kept')
    .option('--host <name...>', 'names and addresses (default: localhost, 127.0.0.1, ::1)')
    .action(async (folder: string, { host, json }: { host?: string[]; json?: boolean }) => {
      const { localCertificate } = await import('../certificate.js');
      const { cert, key } = await localCertificate(folder, { hosts: host });
      print(json, { cert, key }, `${cert}\n${key}`);
    });
}
