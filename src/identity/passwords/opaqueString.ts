import { AppError } from '../../errors.js';

/** Longest password in bytes of UTF-8: far beyond any passphrase, short enough to cost nothing. */
const MAX_PASSWORD_BYTES = 1024;

const NON_ASCII_SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const CONTROL = /\p{Cc}/u;

/**
 * The form of a password that is hashed: RFC 8265 §4.2 (OpaqueString). Every space becomes U+0020, the rest NFC, so
 * that the same password typed on two keyboards is one; case and compatibility characters stay, they carry entropy.
 * @throws AppError BAD_USER_INPUT for an empty one, a control character (NUL ends a bcrypt input), above 1024 bytes
 */
export function preparePassword(password: string, path: readonly string[] = ['password']): string {
  const refuse = (publicMessage: string) =>
    new AppError('BAD_USER_INPUT', `password refused: ${publicMessage}`, { path, publicMessage });
  if (typeof password !== 'string' || password === '') throw refuse('A password is needed.');
  // Checked before normalising: NFC of a long hostile string is work too.
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES)
    throw refuse(`A password has at most ${MAX_PASSWORD_BYTES} bytes.`);
  if (CONTROL.test(password)) throw refuse('A password holds no control characters.');
  return password.replace(NON_ASCII_SPACE, ' ').normalize('NFC');
}
