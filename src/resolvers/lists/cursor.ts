import { hash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { SecretBox } from '../../identity/deps.js';

/** What a list is sorted by; the id breaks ties. */
export type SortValue = string | number | Date | null;

export interface Position {
  readonly value: SortValue;
  readonly id: string | number;
}

const MAC_BYTES = 16;
const keys = new WeakMap<SecretBox, Uint8Array>();

function keyOf(secrets: SecretBox): Uint8Array {
  const known = keys.get(secrets);
  if (known) return known;
  const key = secrets.derive('graphql cursor');
  keys.set(secrets, key);
  return key;
}

/** SHA-512/256 shows half its state, so a key in front makes a MAC that cannot be extended; a page needs one per edge. */
function macOf(secrets: SecretBox, list: string, body: Buffer): Buffer {
  const text = Buffer.concat([keyOf(secrets), Buffer.from(`${list}\0`), body]);
  return hash('sha512-256', text, 'buffer').subarray(0, MAC_BYTES);
}

/** An opaque, authenticated position in one list under one order (`list` names both). */
export function encodeCursor(secrets: SecretBox, list: string, { value, id }: Position): string {
  const plain = value instanceof Date ? { at: value.getTime() } : value;
  const body = Buffer.from(JSON.stringify([plain, id]));
  return Buffer.concat([macOf(secrets, list, body), body]).toString('base64url');
}

/** @throws AppError BAD_USER_INPUT for anything that `encodeCursor` did not make for this list and order */
export function decodeCursor(secrets: SecretBox, list: string, cursor: string, argument: string): Position {
  const bytes = Buffer.from(cursor, 'base64url');
  const mac = bytes.subarray(0, MAC_BYTES);
  const body = bytes.subarray(MAC_BYTES);
  if (mac.length < MAC_BYTES || !timingSafeEqual(mac, macOf(secrets, list, body))) {
    throw new AppError('BAD_USER_INPUT', 'cursor was not made here for this list and order', {
      path: [argument],
      publicMessage: 'Not a cursor of this list in this order.',
    });
  }
  const [plain, id] = JSON.parse(body.toString()) as [
    string | number | { at: number } | null,
    string | number,
  ];
  return { value: plain !== null && typeof plain === 'object' ? new Date(plain.at) : plain, id };
}

/** The Mongo condition for what comes after a position, in the order of Mongo: null and missing before all else. */
export function beyond(path: string, direction: 1 | -1, { value, id }: Position): Record<string, unknown> {
  const further = direction === 1 ? '$gt' : '$lt';
  if (path === '_id') return { _id: { [further]: id } };
  const sameValue = { [path]: value, _id: { [further]: id } };
  if (value === null) return direction === 1 ? { $or: [{ [path]: { $ne: null } }, sameValue] } : sameValue;
  const branches = [{ [path]: { [further]: value } }, sameValue];
  return { $or: direction === 1 ? branches : [...branches, { [path]: null }] };
}
