/** The server's E11000; servers that give no `keyPattern` name the index in the message. */
interface DuplicateKeyError extends Error {
  readonly code: 11000;
  readonly keyPattern?: object;
}

/** True for the server's E11000: a unique index, the primary key included, refused the write: somebody else was first. */
export function isDuplicateKey(error: unknown): error is DuplicateKeyError {
  return error instanceof Error && 'code' in error && error.code === 11000;
}
