/** True for the server's E11000: a unique index refused the write because somebody else was first. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 11000;
}
