import type { Command } from 'commander';
import type { CreateClientOptions, RotateSecretOptions } from '../clients.js';
import { type CommonOptions, installationCommand } from './command.js';

const CLIENT = 'its client_id';

/** Commands that look after OAuth clients. */
export function addClientCommands(program: Command): void {
  const clients = program.command('clients').description('look after OAuth clients');
  installationCommand(clients, 'list', 'list the clients').action(async (options: CommonOptions) => {
    const { listClients } = await import('../clients.js');
    process.exitCode = await listClients(options);
  });
  installationCommand(clients, 'show', 'show a client, without its secrets')
    .argument('<client>', CLIENT)
    .action(async (clientId: string, options: CommonOptions) => {
      const { showClient } = await import('../clients.js');
      process.exitCode = await showClient(clientId, options);
    });
  installationCommand(clients, 'create', 'register a client and print its secret once')
    .argument('<name>', 'what people are shown')
    .option('--redirect-uri <uri...>', 'where the authorization code may be sent')
    .option('--post-logout-redirect-uri <uri...>', 'where a browser may be sent after signing out')
    .option('--grant <type...>', 'grant types (default: what the redirect URIs call for)')
    .option('--scope <name...>', 'scopes that it may ask for')
    .option('--role <name...>', 'roles that it holds itself, for client_credentials')
    .option('--auth-method <method>', 'how it authenticates (default: client_secret_basic)')
    .option('--public', 'an app that can keep no secret; the same as --auth-method none')
    .option('--first-party', 'skips consent')
    .action(async (name: string, options: CreateClientOptions) => {
      const { createClientFromOptions } = await import('../clients.js');
      process.exitCode = await createClientFromOptions(name, options);
    });
  installationCommand(clients, 'rotate-secret', 'give a client a new secret and print it once')
    .argument('<client>', CLIENT)
    .option('--grace <seconds>', 'how long the newest secret before goes on working (default: 0)')
    .option('--revoke-tokens', 'ends every token of the client as well')
    .action(async (clientId: string, options: RotateSecretOptions) => {
      const { rotateSecretFromOptions } = await import('../clients.js');
      process.exitCode = await rotateSecretFromOptions(clientId, options);
    });
  installationCommand(clients, 'delete', 'remove a client with its tokens')
    .argument('<client>', CLIENT)
    .action(async (clientId: string, options: CommonOptions) => {
      const { deleteClientById } = await import('../clients.js');
      process.exitCode = await deleteClientById(clientId, options);
    });
}
