import { AppError } from '../../errors.js';

/** A malformed authorization request; its client is told why. */
export function invalid(publicMessage: string): AppError {
  return new AppError('INVALID_REQUEST', `authorization request: ${publicMessage}`, { publicMessage });
}
