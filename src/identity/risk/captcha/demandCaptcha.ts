import { AppError, type CaptchaDemand } from '../../../errors.js';
import type { Deps } from '../../deps.js';
import type { RequestOrigin } from '../../ports.js';
import { isSuspiciousAddress } from '../stuffing.js';
import { isSolved, makeTask } from './proofOfWork.js';
import { isConfirmed } from './siteVerify.js';

export type CaptchaDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'secrets'>;

/** Attempts, by the object that each has of its own, for which a solution was shown. */
const shown = new WeakSet<RequestOrigin>();

/**
 * Before anything is looked up: whoever comes from an address that tries many accounts shows first that they are no
 * program. It depends on the address alone, so it tells nothing about any account.
 * @throws AppError CAPTCHA_REQUIRED with what is to be solved, UNAVAILABLE when the provider does not answer
 */
export async function assertNoProgram(
  deps: CaptchaDeps,
  solution: string | null | undefined,
  origin: RequestOrigin,
): Promise<void> {
  // Of each attempt: several may stand in one request.
  if (await isDemanded(deps, origin)) await takeSolution(deps, solution, origin);
}

/** What `assertNoProgram` would ask for, to be shown beforehand; null: nothing. */
export async function captchaFor(deps: CaptchaDeps, origin: RequestOrigin): Promise<CaptchaDemand | null> {
  return (await isDemanded(deps, origin)) ? captchaDemand(deps) : null;
}

async function isDemanded(deps: CaptchaDeps, { address }: RequestOrigin): Promise<boolean> {
  const { demand } = deps.config.captcha;
  return demand === 'always' || (demand === 'onRisk' && (await isSuspiciousAddress(deps, address)));
}

/**
 * Of an attempt that began with `assertNoProgram`, whose one solution is enough however many reasons there are to ask
 * for it: both get the same `origin`, which no other attempt has.
 * @throws AppError CAPTCHA_REQUIRED, UNAVAILABLE
 */
export async function demandCaptcha(
  deps: CaptchaDeps,
  solution: string | null | undefined,
  origin: RequestOrigin,
): Promise<void> {
  if (!shown.has(origin)) await takeSolution(deps, solution, origin);
}

async function takeSolution(
  deps: CaptchaDeps,
  solution: string | null | undefined,
  origin: RequestOrigin,
): Promise<void> {
  if (solution && (await isRight(deps, solution, origin))) {
    shown.add(origin);
    return;
  }
  throw new AppError('CAPTCHA_REQUIRED', solution ? 'a wrong CAPTCHA' : 'no CAPTCHA', {
    captcha: await captchaDemand(deps),
  });
}

function isRight(deps: CaptchaDeps, solution: string, origin: RequestOrigin): Promise<boolean> {
  const { provider } = deps.config.captcha;
  if (provider === 'proofOfWork') return isSolved(deps, solution);
  return isConfirmed(deps, provider, solution, origin);
}

async function captchaDemand(deps: CaptchaDeps): Promise<CaptchaDemand> {
  const { provider, siteKey } = deps.config.captcha;
  if (provider === 'proofOfWork') return { provider, siteKey: null, task: await makeTask(deps) };
  return { provider, siteKey: siteKey ?? null, task: null };
}
