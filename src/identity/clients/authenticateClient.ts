import { AppError } from '../../errors.js';
import type { Client, TokenEndpointAuthMethod } from '../../models/client.js';
import { readRecently } from '../../models/readRecently.js';
import type { Deps } from '../deps.js';
import type { ClientCertificate } from '../tokens/sender.js';
import { verifyClientAssertion } from './clientAssertion.js';
import { verifyClientCertificate } from './clientCertificate.js';
import { matchesSecret } from './clientSecret.js';

const TOUCH_SECONDS = 60;

type AuthenticateDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'logger' | 'models'>;

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string | null;
  /**
   * How the request carried them: a client may use only the method it is registered with. `none`: only a name, which is
   * enough for a public client, and for one that has shown its certificate.
   */
  readonly method: TokenEndpointAuthMethod;
  /** With private_key_jwt. */
  readonly assertion?: string;
  /** The addresses of ours that the assertion may be made for. */
  readonly audiences?: readonly string[];
  readonly certificate?: ClientCertificate | null;
}

/**
 * Proves which client asks (RFC 6749 §2.3); a public one only names itself. The same time and the same refusal
 * whatever is wrong with a secret. Its last use is noted at most once a minute. What another replica changed is seen
 * within a second.
 * @throws AppError INVALID_CLIENT
 */
export async function authenticateClient(
  deps: AuthenticateDeps,
  credentials: ClientCredentials,
): Promise<Client> {
  const { clientId, secret } = credentials;
  const found = await readRecently(deps.models.clients, clientId, '+secrets');
  const now = deps.clock();
  const secretMatches = matchesSecret(found?.secrets ?? [], secret ?? '', now);
  if (!found) throw new AppError('INVALID_CLIENT', `there is no client ${clientId}`);
  if (found.status !== 'active') throw new AppError('INVALID_CLIENT', `client ${clientId} is disabled`);
  await prove(deps, found, credentials, secretMatches);
  await noteUse(deps, found, now);
  return { ...found, secrets: [] };
}

async function prove(
  deps: AuthenticateDeps,
  client: Client,
  { method, assertion, audiences, certificate }: ClientCredentials,
  secretMatches: boolean,
): Promise<void> {
  const registered = client.tokenEndpointAuthMethod;
  const isByCertificate = registered === 'tls_client_auth' || registered === 'self_signed_tls_client_auth';
  if (method !== (isByCertificate ? 'none' : registered)) {
    throw new AppError('INVALID_CLIENT', `client ${client._id} authenticates by ${registered}`);
  }
  switch (registered) {
    case 'none':
      return;
    case 'client_secret_basic':
    case 'client_secret_post':
      if (!secretMatches) throw new AppError('INVALID_CLIENT', `wrong secret of client ${client._id}`);
      return;
    case 'private_key_jwt':
      return verifyClientAssertion(deps, client, assertion ?? '', audiences ?? []);
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return verifyClientCertificate(deps, client, certificate ?? null);
  }
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
