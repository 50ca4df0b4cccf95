import { expect } from 'chai';
import { AppError, type ErrorCode } from '../../src/errors.js';

/** Resolves with the refusal; fails the test when there is none or it has another code. */
export async function refusal(attempt: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const outcome = await attempt.then(
    () => null,
    (error: unknown) => error,
  );
  expect(outcome, 'was not refused').to.be.instanceOf(AppError);
  const error = outcome as AppError;
  expect(error.code, error.message).to.equal(code);
  return error;
}
