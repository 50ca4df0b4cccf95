import { isAppError } from '../../../errors.js';
import type { Client } from '../../../models/client.js';
import type { Deps } from '../../deps.js';
import { fetchOutside } from '../../outbound/fetchOutside.js';
import { fault } from './fault.js';

const LIMITS = { maxBytes: 65_536, timeoutSeconds: 5 };

/**
 * OpenID Connect Registration §5: the document at `sector_identifier_uri` is a list that names every redirect URI of the
 * client, else anybody could join a sector and learn its subjects. @throws AppError BAD_USER_INPUT
 */
export async function assertSector(
  deps: Pick<Deps, 'config'>,
  { sectorIdentifierUri, redirectUris }: Pick<Client, 'sectorIdentifierUri' | 'redirectUris'>,
): Promise<void> {
  if (!sectorIdentifierUri) return;
  // An empty list would be named by every document.
  if (redirectUris.length === 0) throw fault(['sectorIdentifierUri'], 'needs redirect URIs that it lists');
  const listed = await readList(deps, sectorIdentifierUri);
  if (redirectUris.some((uri) => !listed.includes(uri))) {
    throw fault(['sectorIdentifierUri'], 'must list every redirect URI');
  }
}

async function readList(deps: Pick<Deps, 'config'>, uri: string): Promise<readonly unknown[]> {
  const answer = await fetchOutside(deps, uri, { ...LIMITS, headers: { accept: 'application/json' } }).catch(
    (error: unknown) => {
      // One text, whatever is there: the answer must not map the network that it was asked from.
      if (isAppError(error)) return null;
      throw error;
    },
  );
  const list: unknown = answer?.status === 200 ? parse(answer.text) : null;
  if (!Array.isArray(list))
    throw fault(['sectorIdentifierUri'], 'must answer with a JSON list of redirect URIs');
  return list;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
