import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Deps } from '../deps.js';

const FORMAT = /^([A-Za-z0-9_-]{22})\.(0|[1-9][0-9]{0,9})\.([A-Za-z0-9_-]{43})$/;
const PURPOSE = 'refresh-token';

/** The n-th token of a family. */
export interface RefreshTokenPosition {
  readonly familyId: string;
  readonly counter: number;
}

/**
 * `<family id>.<counter>.<HMAC-SHA256>`, base64url: the same position gives the same token as long as the master key
 * lives, so no token is stored, and whoever reads the database can make none.
 */
export function formatRefreshToken(deps: Pick<Deps, 'secrets'>, position: RefreshTokenPosition): string {
  const body = `${position.familyId}.${position.counter}`;
  return `${body}.${sign(deps, body)}`;
}

/** The position, or null for anything that this installation did not make: garbage costs no query. */
export function parseRefreshToken(deps: Pick<Deps, 'secrets'>, token: string): RefreshTokenPosition | null {
  const [, familyId, counter, signature] = FORMAT.exec(token) ?? [];
  if (familyId === undefined || counter === undefined || signature === undefined) return null;
  const expected = sign(deps, `${familyId}.${counter}`);
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return null;
  return { familyId, counter: Number(counter) };
}

function sign({ secrets }: Pick<Deps, 'secrets'>, body: string): string {
  return createHmac('sha256', secrets.derive(PURPOSE)).update(body).digest('base64url');
}
