import { hash } from 'node:crypto';
import { AppError } from '../../errors.js';

/** What is stored of what only the browser or program can show again in which a sign-in began. */
export function bindingHashOf(binding: string): string {
  return hash('sha256', binding, 'base64url');
}

/** One text for a sign-in that is unknown, over, answered or of another browser. */
export function startAgain(detail: string): AppError {
  return new AppError('INVALID_GRANT', detail, {
    publicMessage: 'This sign-in took too long, was finished already, or began elsewhere. Start again.',
  });
}
