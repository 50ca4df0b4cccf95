import { AppError } from '../../../errors.js';

const MOST_ENTRIES = 50;
/** Those that turn the direction of writing would let a name rearrange what stands beside it (Unicode TR 36 §2.8). */
const CONTROL_CHARACTERS = /\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u;

/** Something to see: not only what has no width, or stands on something else. */
const VISIBLE = /[^\p{C}\p{Z}\p{M}]/u;

/** A refusal of metadata that says which and what it must be. */
export function fault(path: readonly string[], message: string): AppError {
  return new AppError('BAD_USER_INPUT', `client metadata: ${path.join('.')} ${message}`, {
    path,
    publicMessage: `${path[0]} ${message}`,
  });
}

/** @throws AppError BAD_USER_INPUT */
export function assertFew(path: readonly string[], values: readonly unknown[]): void {
  if (values.length > MOST_ENTRIES) throw fault(path, `must have at most ${MOST_ENTRIES} entries`);
}

/** @throws AppError BAD_USER_INPUT for a text of nothing that is seen, one that is too long, or control characters */
export function assertText(path: readonly string[], text: string, longest: number): void {
  if (!VISIBLE.test(text) || text.length > longest || CONTROL_CHARACTERS.test(text)) {
    throw fault(path, `must have 1 to ${longest} characters, none of them a control character`);
  }
}
