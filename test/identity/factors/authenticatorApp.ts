import { HOTP, Secret } from 'otpauth';
import { beginTotpEnrolment, confirmTotpEnrolment } from '../../../src/identity/factors/totp.js';
import type { User } from '../../../src/models/user.js';
import type { TestApp } from '../../support/app.js';

/** The code that an authenticator app with this seed shows at the time of the test. */
export function codeOf({ clock }: Pick<TestApp, 'clock'>, seed: string): string {
  const counter = Math.floor(clock().getTime() / 30_000);
  return HOTP.generate({ secret: Secret.fromBase32(seed), counter, digits: 6 });
}

/** Sets an app up for an account; moves the clock on, since no code is taken twice. `code` is what it shows now. */
export async function setUpApp(
  test: Pick<TestApp, 'clock' | 'deps'>,
  user: User,
): Promise<{ id: string; code: () => string }> {
  const { factor, seed } = await beginTotpEnrolment(test.deps, user, 'Phone');
  const code = () => codeOf(test, seed);
  await confirmTotpEnrolment(test.deps, user._id, factor._id, code());
  test.clock.advance(60);
  return { id: factor._id, code };
}
