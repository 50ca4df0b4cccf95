import type { Config } from '../schema.js';
import type { CheckedFault } from './checkedFault.js';

/** A provider that knows nothing of us would let nobody in. */
export function checkCaptcha({ captcha }: Config): CheckedFault[] {
  if (captcha.provider === 'proofOfWork' || captcha.demand === 'never') return [];
  const missing = (['siteKey', 'secretKey'] as const).filter((name) => captcha[name] === undefined);
  return missing.map((name) => ({
    path: ['captcha', name],
    message: `is required by the provider ${captcha.provider}`,
    needs: [['captcha', 'provider']],
  }));
}
