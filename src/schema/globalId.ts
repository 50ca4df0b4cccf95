import { AppError } from '../errors.js';

/** The types that `node(id)` can answer with. */
export const NODE_TYPES = [
  'User',
  'Role',
  'Client',
  'Session',
  'RefreshFamily',
  'AuditEvent',
  'PolicyVersion',
] as const;

export type NodeType = (typeof NODE_TYPES)[number];

export interface GlobalId {
  readonly type: NodeType;
  readonly id: string;
}

/** `User:0192…`: the type's name, a colon, the stored id. */
export function toGlobalId(type: NodeType, id: string): string {
  return `${type}:${id}`;
}

/** Null for anything that `toGlobalId` could not have made. */
export function parseGlobalId(value: string): GlobalId | null {
  const colon = value.indexOf(':');
  const type = NODE_TYPES.find((name) => name === value.slice(0, colon));
  const id = value.slice(colon + 1);
  return type && id !== '' && id.length <= 256 ? { type, id } : null;
}

/**
 * The stored id behind the global id of one type.
 * @throws AppError BAD_USER_INPUT when it is malformed or of another type
 */
export function fromGlobalId(type: NodeType, value: string, path: readonly string[] = []): string {
  const parsed = parseGlobalId(value);
  if (parsed?.type !== type) {
    throw new AppError('BAD_USER_INPUT', 'not a global id of the type asked for', {
      path,
      publicMessage: `Not the id of a ${type}.`,
    });
  }
  return parsed.id;
}

/** Takes the global id of the type or the stored id itself. */
export function rawId(type: NodeType, value: string): string {
  return value.startsWith(`${type}:`) ? value.slice(type.length + 1) : value;
}
