import { codeOf } from '../identity/factors/authenticatorApp.js';
import type { Person, TestApp } from '../support/app.js';
import { mutate } from './mutate.js';

/** An authenticator app that a person has set up. */
export interface Authenticator {
  readonly factorId: string;
  readonly seed: string;
  /** Shown at the first enrolment. */
  readonly recoveryCodes: readonly string[] | null;
  /** The code that it shows now. */
  code(): string;
}

/** Sets an authenticator app up, through the API. @throws when it is refused */
export async function enrolTotp(app: TestApp, token: string, name = 'Phone'): Promise<Authenticator> {
  const begun = await mutate(app, 'beginTotpEnrollment', { name }, { token }, 'factorId seed');
  const { factorId, seed } = begun.payload ?? {};
  if (!seed) throw new Error(`no enrolment: ${begun.text}`);
  const code = () => codeOf(app, seed);
  const confirmed = await mutate(
    app,
    'confirmTotpEnrollment',
    { factorId, code: code() },
    { token },
    'factor { id } recoveryCodes',
  );
  if (!confirmed.payload?.factor) throw new Error(`not confirmed: ${confirmed.text}`);
  return { factorId, seed, recoveryCodes: confirmed.payload.recoveryCodes, code };
}

/** Signs in by password and app; moves the clock on, since no code is taken twice. */
export async function signInWithTotp(app: TestApp, person: Person, app2: Authenticator): Promise<string> {
  app.clock.advance(30);
  const { email: identifier, password } = person;
  const asked = await mutate(
    app,
    'signIn',
    { identifier, password },
    {},
    'result { ... on FactorRequired { transaction } }',
  );
  const { transaction } = asked.payload.result;
  const chosen = await mutate(
    app,
    'continueSignIn',
    { transaction, factorId: app2.factorId },
    {},
    'result { ... on FactorRequired { transaction } }',
  );
  const done = await mutate(
    app,
    'continueSignIn',
    { transaction: chosen.payload.result.transaction, code: app2.code() },
    {},
    'result { ... on SignedIn { tokens { accessToken } } }',
  );
  const token = done.payload?.result?.tokens?.accessToken;
  if (!token) throw new Error(`not signed in: ${done.text}`);
  return token;
}
