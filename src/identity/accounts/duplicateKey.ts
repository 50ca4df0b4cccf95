import { isDuplicateKey } from '../../models/duplicateKey.js';

const UNIQUE_FIELDS = ['emailNormalized', 'phone', 'usernameNormalized'] as const;

export type UniqueUserField = (typeof UNIQUE_FIELDS)[number];

/** Which unique field of a user an insert or update collided on (E11000); null for any other error. */
export function duplicateUserField(error: unknown): UniqueUserField | null {
  if (!isDuplicateKey(error)) return null;
  const { keyPattern, message } = error;
  const named = Object.keys(keyPattern ?? {});
  // The index is named after its field; servers that give no keyPattern name the index in the message.
  return (
    UNIQUE_FIELDS.find((field) => named.includes(field)) ??
    UNIQUE_FIELDS.find((field) => message.includes(`${field}_1`)) ??
    null
  );
}
