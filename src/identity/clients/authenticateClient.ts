import { AppError } from '../../errors.js';
import type { Client, TokenEndpointAuthMethod } from '../../models/client.js';
import type { Deps } from '../deps.js';
import { matchesSecret } from './clientSecret.js';

const TOUCH_SECONDS = 60;

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string | null;
  /** How the request carried them: a client may use only the method it is registered with. */
  readonly method: TokenEndpointAuthMethod;
}

/**
 * Proves which client asks (RFC 6749 §2.3); a public one only names itself. The same time and the same refusal
 * whatever is wrong. Its last use is noted at most once a minute.
 * @throws AppError INVALID_CLIENT
 */
export async function authenticateClient(
  deps: Pick<Deps, 'clock' | 'models'>,
  { clientId, secret, method }: ClientCredentials,
): Promise<Client> {
  const found = await deps.models.clients.findOne({ _id: clientId }).select('+secrets').lean();
  const now = deps.clock();
  const isPublic = found?.tokenEndpointAuthMethod === 'none';
  const secretMatches = matchesSecret(found?.secrets ?? [], secret ?? '', now);
  if (!found) throw new AppError('INVALID_CLIENT', `there is no client ${clientId}`);
  if (found.status !== 'active') throw new AppError('INVALID_CLIENT', `client ${clientId} is disabled`);
  if (found.tokenEndpointAuthMethod !== method) {
    throw new AppError(
      'INVALID_CLIENT',
      `client ${clientId} authenticates by ${found.tokenEndpointAuthMethod}`,
    );
  }
  if (!isPublic && !secretMatches) throw new AppError('INVALID_CLIENT', `wrong secret of client ${clientId}`);
  const { secrets: _hidden, ...client } = found;
  await noteUse(deps, client, now);
  return { ...client, secrets: [] };
}

async function noteUse(
  { models }: Pick<Deps, 'models'>,
  client: Pick<Client, '_id' | 'lastUsedAt'>,
  now: Date,
): Promise<void> {
  const minuteAgo = new Date(now.getTime() - TOUCH_SECONDS * 1000);
  if (client.lastUsedAt && client.lastUsedAt > minuteAgo) return;
  // Not a change of the client: `updatedAt` stays, which guards its edits against each other.
  await models.clients.updateOne({ _id: client._id }, { $set: { lastUsedAt: now } }, { timestamps: false });
}
