import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';

/**
 * A client that is not declared in the configuration. The secrets' digests come along: what leaves `clients/` goes
 * without. @throws AppError NOT_FOUND, CONFLICT
 */
export async function findEditable(deps: Pick<Deps, 'models'>, clientId: string): Promise<Client> {
  const client = await deps.models.clients.findOne({ _id: clientId }).select('+secrets').lean();
  if (!client) throw new AppError('NOT_FOUND', `there is no client ${clientId}`);
  if (client.declared) {
    throw new AppError('CONFLICT', `client ${clientId} is declared in the configuration`, {
      publicMessage: 'This client is declared in the configuration and can only be changed there.',
    });
  }
  return client;
}

/** For an update whose precondition, what was read, did not hold any more. */
export function changedMeanwhile(clientId: string): AppError {
  return new AppError('CONFLICT', `client ${clientId} was changed by somebody else meanwhile`, {
    publicMessage: 'The client was changed by somebody else meanwhile; look at it again.',
  });
}
