import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import { BUILT_IN_SCOPES } from '../../policies/builtInScopes.js';
import type { Deps } from '../deps.js';

/** The public client under which Fieldgate's own doors (GraphQL `signIn`, `/auth/*`) issue tokens. */
export const FIRST_PARTY_CLIENT_ID = 'fieldgate';

/** Creates the built-in client, or brings it in step with this release. Safe to run in many processes at once. */
export async function ensureFirstPartyClient(deps: Pick<Deps, 'models'>): Promise<void> {
  const fields = {
    name: 'Fieldgate',
    description: "Fieldgate's own sign-in",
    status: 'active',
    declared: true,
    firstParty: true,
    tokenEndpointAuthMethod: 'none',
    // Its tokens come from the doors themselves; at the token endpoint it may only refresh.
    grantTypes: ['refresh_token'],
    scopes: BUILT_IN_SCOPES.map((scope) => scope.name),
  } as const;
  const write = () =>
    deps.models.clients.updateOne({ _id: FIRST_PARTY_CLIENT_ID }, { $set: fields }, { upsert: true });
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await write();
  }
}

/** @throws AppError INTERNAL when `ensureFirstPartyClient` was not run */
export async function firstPartyClient(deps: Pick<Deps, 'models'>): Promise<Client> {
  const client = await deps.models.clients.findOne({ _id: FIRST_PARTY_CLIENT_ID }).lean();
  if (!client) throw new AppError('INTERNAL', 'the first-party client is missing');
  return client;
}
