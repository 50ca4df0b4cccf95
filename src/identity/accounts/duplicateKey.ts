const UNIQUE_FIELDS = ['emailNormalized', 'phone', 'usernameNormalized'] as const;

export type UniqueUserField = (typeof UNIQUE_FIELDS)[number];

/** Which unique field of a user an insert or update collided on (E11000); null for any other error. */
export function duplicateUserField(error: unknown): UniqueUserField | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, keyPattern, message } = error as { code?: unknown; keyPattern?: object; message?: unknown };
  if (code !== 11000) return null;
  const named = Object.keys(keyPattern ?? {});
  // The index is named after its field; servers that give no keyPattern name the index in the message.
  return (
    UNIQUE_FIELDS.find((field) => named.includes(field)) ??
    UNIQUE_FIELDS.find((field) => typeof message === 'string' && message.includes(`${field}_1`)) ??
    null
  );
}

/** True for any collision with a unique index, the primary key included. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === 11000;
}
