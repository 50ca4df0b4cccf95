import type { Config } from '../../config/schema.js';
import type { Client } from '../../models/client.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Deps } from '../deps.js';
import { toStoredSecret } from './clientSecret.js';
import { FIRST_PARTY_CLIENT_ID } from './firstPartyClient.js';
import { narrowsRights } from './narrowing.js';

type DeclaredDeps = Pick<Deps, 'clock' | 'config' | 'denylist' | 'logger' | 'models'>;
type Declaration = Config['clients'][number];

/** What a declaration that does not say it takes away. */
const OPTIONAL = [
  'accessTokenTtlSeconds',
  'refreshTokenTtlSeconds',
  'logoUri',
  'clientUri',
  'policyUri',
  'tosUri',
  'jwks',
  'jwksUri',
  'tlsClientAuthSubjectDn',
  'tlsClientAuthSanDns',
  'tlsClientAuthSanUri',
  'sectorIdentifierUri',
  'idTokenSignedResponseAlg',
  'userinfoSignedResponseAlg',
  'introspectionSignedResponseAlg',
  'authorizationSignedResponseAlg',
  'backchannelLogoutUri',
] as const satisfies readonly (keyof Declaration)[];

/**
 * Makes the stored clients what the configuration declares, at each start. A client that is declared no more is
 * disabled and becomes editable: an administrator may bring it back or delete it. Safe to run in many processes at once.
 */
export async function upsertDeclaredClients(deps: DeclaredDeps): Promise<void> {
  for (const declaration of deps.config.clients) await upsert(deps, declaration);
  const declaredIds = [FIRST_PARTY_CLIENT_ID, ...deps.config.clients.map(({ clientId }) => clientId)];
  const dropped = await deps.models.clients
    .find({ declared: true, _id: { $nin: declaredIds } })
    .select('_id')
    .lean();
  for (const { _id } of dropped) {
    await deps.models.clients.updateOne({ _id }, { $set: { declared: false, status: 'disabled' } });
    await deps.denylist.deny('client', _id);
    deps.logger.warn({ clientId: _id }, 'client is no longer declared: disabled');
  }
}

async function upsert(deps: DeclaredDeps, declaration: Declaration): Promise<void> {
  const before = await deps.models.clients.findOne({ _id: declaration.clientId }).select('+secrets').lean();
  const fields = toFields(declaration, before, deps.clock());
  const absent = OPTIONAL.filter((key) => declaration[key] === undefined);
  const write = () =>
    deps.models.clients.updateOne(
      { _id: declaration.clientId },
      {
        $set: fields,
        ...(absent.length > 0 && { $unset: Object.fromEntries(absent.map((key) => [key, 1])) }),
      },
      { upsert: true },
    );
  try {
    await write();
  } catch (error) {
    // Another process inserted it at the same moment: now it is there to be updated.
    if (!isDuplicateKey(error)) throw error;
    await write();
  }
  if (before && narrowsRights(before, fields)) await deps.denylist.deny('client', declaration.clientId);
}

function toFields(declaration: Declaration, before: Client | null, now: Date) {
  const { clientId, name, secret, ...rest } = declaration;
  const wanted = secret === undefined ? [] : [toStoredSecret(secret, now)];
  const unchanged = before?.secrets.length === wanted.length && before.secrets[0]?.hash === wanted[0]?.hash;
  return {
    ...rest,
    name: name ?? clientId,
    status: 'active' as const,
    declared: true,
    ...(unchanged ? {} : { secrets: wanted }),
  };
}
