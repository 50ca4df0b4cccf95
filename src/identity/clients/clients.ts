import { v7 as uuidv7 } from 'uuid';
import type { Client, GrantType } from '../../models/client.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { revokeFamilies } from '../tokens/families.js';
import { assertValidClient, type ClientMetadata, UNSET } from './clientMetadata.js';
import { hasSecret, makeClientSecret, toStoredSecret } from './clientSecret.js';
import { changedMeanwhile, findEditable } from './editableClient.js';
import { fault } from './metadata/fault.js';
import { assertSector } from './metadata/sector.js';
import { narrowsRights } from './narrowing.js';

type ClientDeps = Pick<Deps, 'audit' | 'clock' | 'config' | 'denylist' | 'models' | 'policy'>;

type Optional<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** Metadata of RFC 7591 §2; absent and null mean the default. */
export interface NewClient extends Optional<Omit<ClientMetadata, 'name' | 'grantTypes' | 'status'>> {
  readonly name: string;
  readonly grantTypes: readonly GrantType[];
  /** The user who registers it; absent: a client of the installation. */
  readonly ownerId?: string | null;
  /** Of a client that registers itself (RFC 7592 §3). */
  readonly registrationTokenHash?: string;
}

/** A key left out stays as it is; null clears it. How a client authenticates cannot change. */
export type ClientPatch = Optional<Omit<ClientMetadata, 'tokenEndpointAuthMethod'>>;

/** The digest of a registration access token that is replaced by the change that it allows. */
export interface TokenRotation {
  readonly from: string;
  readonly to: string;
}

/**
 * Registers a client. Its secret is returned here once and nowhere again; null for a public client.
 * @throws AppError BAD_USER_INPUT
 */
export async function createClient(
  deps: ClientDeps,
  input: NewClient,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<{ client: Client; secret: string | null }> {
  const { ownerId, registrationTokenHash, name, grantTypes, tokenEndpointAuthMethod, ...rest } = input;
  const defaults: ClientMetadata = {
    ...UNSET,
    name,
    tokenEndpointAuthMethod: tokenEndpointAuthMethod ?? 'client_secret_basic',
    grantTypes: [...new Set(grantTypes)],
  };
  const metadata = apply(defaults, rest);
  assertValidClient(deps, metadata);
  await assertSector(deps, metadata);
  const secret = hasSecret(metadata) ? makeClientSecret() : null;
  const created = await deps.models.clients.create({
    _id: uuidv7(),
    ...metadata,
    ...(ownerId ? { ownerId } : {}),
    ...(registrationTokenHash ? { registrationTokenHash, dynamicallyRegistered: true } : {}),
    declared: false,
    secrets: secret === null ? [] : [toStoredSecret(secret, deps.clock())],
  });
  const { registrationTokenHash: _digest, ...stored } = created.toObject();
  const client: Client = { ...stored, secrets: [] };
  await deps.audit.record({
    action: 'client.create',
    outcome: 'success',
    actor,
    origin,
    objectType: 'Client',
    objectId: client._id,
    fields: Object.keys(metadata),
    after: metadata,
  });
  return { client, secret };
}

/**
 * Changes a client. Access tokens from before are refused when it lost rights or was disabled.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT, CONFLICT (declared in the config file, or changed by somebody else meanwhile)
 */
export async function updateClient(
  deps: ClientDeps,
  clientId: string,
  patch: ClientPatch,
  actor: AuditActor,
  origin: RequestOrigin,
  rotation?: TokenRotation,
): Promise<Client> {
  const before = await findEditable(deps, clientId);
  const after = apply(before, patch);
  assertValidClient(deps, after);
  assertUntrusted(after);
  if (patch.sectorIdentifierUri !== undefined || patch.redirectUris !== undefined)
    await assertSector(deps, after);
  const fields = (Object.keys(patch) as (keyof ClientPatch)[]).filter(
    (key) => JSON.stringify(before[key] ?? null) !== JSON.stringify(after[key] ?? null),
  );
  if (fields.length === 0 && !rotation) return { ...before, secrets: [] };
  const updated = await deps.models.clients
    .findOneAndUpdate(
      {
        _id: clientId,
        declared: false,
        updatedAt: before.updatedAt,
        ...(rotation && { registrationTokenHash: rotation.from }),
      },
      toUpdate(after, fields, rotation),
      { returnDocument: 'after' },
    )
    .lean();
  if (!updated) throw changedMeanwhile(clientId);
  if (narrowsRights(before, updated)) await deps.denylist.deny('client', clientId);
  await deps.audit.record({
    action: 'client.update',
    outcome: 'success',
    actor,
    origin,
    objectType: 'Client',
    objectId: clientId,
    fields,
    before: pick(before, fields),
    after: pick(updated, fields),
  });
  return { ...updated, secrets: [] };
}

/**
 * Removes a client with its refresh families and access tokens; safe to repeat after a crash.
 * @throws AppError NOT_FOUND, CONFLICT (declared in the config file)
 */
export async function deleteClient(
  deps: ClientDeps,
  clientId: string,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<void> {
  await findEditable(deps, clientId);
  // Nothing new may be issued while the old is taken away.
  await deps.models.clients.updateOne({ _id: clientId }, { $set: { status: 'disabled' } });
  await revokeFamilies(deps, { clientId }, 'client deleted');
  await deps.denylist.deny('client', clientId);
  await deps.models.consents.deleteMany({ clientId });
  await deps.models.clients.deleteOne({ _id: clientId, declared: false });
  await deps.audit.record({
    action: 'client.delete',
    outcome: 'success',
    actor,
    origin,
    objectType: 'Client',
    objectId: clientId,
  });
}

function apply<T extends ClientMetadata>(base: T, patch: ClientPatch): T {
  const merged: T = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value !== undefined) Object.assign(merged, { [key]: cleared(key, value) });
  }
  return merged;
}

const EMPTY: Readonly<Record<string, unknown>> = { ...UNSET, name: '', grantTypes: [] };

function cleared(key: string, value: unknown): unknown {
  if (value === null) return EMPTY[key] ?? null;
  return Array.isArray(value) ? [...new Set(value)] : value;
}

function toUpdate(
  after: Client,
  fields: readonly (keyof ClientPatch)[],
  rotation: TokenRotation | undefined,
): Record<string, object> {
  const isGiven = (key: keyof ClientPatch) => after[key] !== null && after[key] !== undefined;
  const given: unknown[][] = fields.filter(isGiven).map((key) => [key, after[key]]);
  if (rotation) given.push(['registrationTokenHash', rotation.to]);
  const gone = fields.filter((key) => !isGiven(key)).map((key) => [key, 1]);
  return {
    ...(given.length > 0 && { $set: Object.fromEntries(given) }),
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone) }),
  };
}

/** Who registers itself is a stranger, whoever edits it afterwards. @throws AppError BAD_USER_INPUT */
function assertUntrusted({ dynamicallyRegistered, firstParty, roles }: Client): void {
  if (!dynamicallyRegistered || (!firstParty && roles.length === 0)) return;
  throw fault([firstParty ? 'firstParty' : 'roles'], 'is not for clients that registered themselves');
}

function pick(client: Client, fields: readonly (keyof ClientPatch)[]): object {
  return Object.fromEntries(fields.map((key) => [key, client[key] ?? null]));
}
