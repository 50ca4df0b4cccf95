import { AppError } from '../../../errors.js';
import type { Deps } from '../../deps.js';
import { fetchOutside } from '../../outbound/fetchOutside.js';
import type { RequestOrigin } from '../../ports.js';

type Provider = Exclude<Deps['config']['captcha']['provider'], 'proofOfWork'>;

const VERIFY_URLS: Readonly<Record<Provider, string>> = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
};
const LONGEST_SOLUTION = 4096;
const TIMEOUT_SECONDS = 5;

/**
 * Asks Turnstile, hCaptcha or reCAPTCHA, which have one protocol, whether an answer is good. They take each once.
 * @throws AppError UNAVAILABLE when the provider does not answer: nobody passes unjudged
 */
export async function isConfirmed(
  deps: Pick<Deps, 'config'>,
  provider: Provider,
  solution: string,
  origin: RequestOrigin,
  timeoutSeconds = TIMEOUT_SECONDS,
): Promise<boolean> {
  if (solution.length > LONGEST_SOLUTION) return false;
  const { secretKey, verifyUrl, leastScore, siteKey } = deps.config.captcha;
  const answer = await fetchOutside(deps, verifyUrl ?? VERIFY_URLS[provider], {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      secret: secretKey ?? '',
      response: solution,
      remoteip: origin.address,
      ...(siteKey !== undefined && { sitekey: siteKey }),
    }).toString(),
    maxBytes: 16_384,
    timeoutSeconds,
  });
  const { success, score, hostname } = read(answer.status, answer.text);
  if (success !== true) return false;
  // An answer that was given on another site is a stolen one.
  if (typeof hostname === 'string' && hostname !== new URL(deps.config.issuer).hostname) return false;
  return typeof score !== 'number' || provider !== 'recaptcha' || score >= leastScore;
}

function read(status: number, text: string): { success?: unknown; score?: unknown; hostname?: unknown } {
  try {
    const answer: unknown = JSON.parse(text);
    if (status === 200 && typeof answer === 'object' && answer !== null) return answer;
  } catch (cause) {
    throw new AppError('UNAVAILABLE', 'the CAPTCHA provider did not answer in JSON', { cause });
  }
  throw new AppError('UNAVAILABLE', `the CAPTCHA provider answered ${status}`);
}
