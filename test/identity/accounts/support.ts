import { expect } from 'chai';
import { isAppError } from '../../../src/errors.js';
import { confirmEmail } from '../../../src/identity/accounts/confirmations.js';
import { signUp } from '../../../src/identity/accounts/signUp.js';
import { openEvents } from '../../../src/identity/audit/sealing.js';
import type { User } from '../../../src/models/user.js';
import { ORIGIN, type TestDeps } from '../../support/deps.js';

export const PASSWORD = 'tundra-velvet-occasion';
export const OTHER_PASSWORD = 'granite.lantern.mosaic';

/** Limits of requests are tested on their own; here they would only be in the way. */
export const UNLIMITED = { rateLimits: { enabled: false } } as const;

/** Counts results of parallel calls by error code, `ok` for those that went through. */
export async function tally(promises: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(promises)) {
    const name =
      result.status === 'fulfilled'
        ? 'ok'
        : isAppError(result.reason)
          ? result.reason.code
          : String(result.reason);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The newest mail to an address, after everything was sent. */
export async function mailTo(test: TestDeps, address: string) {
  await test.settled();
  const mail = test.mails.findLast((sent) => sent.to === address);
  expect(mail, `a mail to ${address}`).not.to.equal(undefined);
  return mail!;
}

export function tokenIn(text: string): string {
  const link = /https?:\/\/\S+/.exec(text)?.[0];
  return new URL(link ?? '').searchParams.get('token') ?? '';
}

export function codeIn(text: string): string {
  return /\b(\d{8}|\d{6})\b/.exec(text.replace(/https?:\S+/g, ''))?.[1] ?? '';
}

export async function signUpAndConfirm(test: TestDeps, email: string, more: object = {}): Promise<User> {
  await signUp(test.deps, { email, password: PASSWORD, ...more }, ORIGIN);
  return confirmEmail(test.deps, { token: tokenIn((await mailTo(test, email)).text) }, ORIGIN);
}

/** Audit events so far, as text: what must never be in it is looked for there. */
export async function auditText(test: TestDeps): Promise<string> {
  await test.settled();
  return JSON.stringify(await openEvents(test.deps, await test.deps.models.auditEvents.find().lean()));
}
