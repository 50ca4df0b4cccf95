import { AppError, type CaptchaDemand } from '../../../errors.js';
import type { Deps } from '../../deps.js';
import type { RequestOrigin } from '../../ports.js';
import { isSuspiciousAddress } from '../stuffing.js';
import { isSolved, makeTask } from './proofOfWork.js';
import { isConfirmed } from './siteVerify.js';

export type CaptchaDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'secrets'>;

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
  if (await isDemanded(deps, origin)) await demandCaptcha(deps, solution, origin);
}

/** What `assertNoProgram` would ask for, to be shown beforehand; null: nothing. */
export async function captchaFor(deps: CaptchaDeps, origin: RequestOrigin): Promise<CaptchaDemand | null> {
  return (await isDemanded(deps, origin)) ? captchaDemand(deps) : null;
}

async function isDemanded(deps: CaptchaDeps, { address }: RequestOrigin): Promise<boolean> {
  const { demand } = deps.config.captcha;
  return demand === 'always' || (demand === 'onRisk' && (await isSuspiciousAddress(deps, address)));
}

/** Takes one solution. @throws AppError CAPTCHA_REQUIRED, UNAVAILABLE */
export async function demandCaptcha(
  deps: CaptchaDeps,
  solution: string | null | undefined,
  origin: RequestOrigin,
): Promise<void> {
  // The origin stands for one request, which shows one solution once, however many reasons there are to ask for it.
  if (shown.has(origin)) return;
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
