import { type CaptchaDemand, isAppError } from '../errors.js';
import { captchaFor } from '../identity/risk/captcha/demandCaptcha.js';
import { captchaScript } from './captchaScript.js';
import { html, type Safe } from './html.js';
import { basePathOf, type PageScripts } from './layout.js';
import type { Visit } from './page.js';

type Provider = Exclude<CaptchaDemand['provider'], 'proofOfWork'>;

const PROVIDERS: Readonly<Record<Provider, { className: string } & PageScripts>> = {
  turnstile: {
    className: 'cf-turnstile',
    address: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    sources: ['https://challenges.cloudflare.com'],
  },
  hcaptcha: {
    className: 'h-captcha',
    address: 'https://js.hcaptcha.com/1/api.js',
    sources: ['https://hcaptcha.com', 'https://*.hcaptcha.com'],
  },
  recaptcha: {
    className: 'g-recaptcha',
    address: 'https://www.google.com/recaptcha/api.js',
    sources: ['https://www.google.com/recaptcha/', 'https://www.gstatic.com/recaptcha/'],
  },
};

/**
 * For a form that programs like: what is to be solved, where this network is asked for it, or where the form was refused
 * for want of it.
 */
export async function captchaOf(
  { deps, request }: Visit,
  refusal: unknown = null,
): Promise<{ field: Safe | null; scripts: PageScripts | null }> {
  const demanded = isAppError(refusal) ? refusal.captcha : null;
  const demand = demanded ?? (await captchaFor(deps, request.origin));
  if (!demand) return { field: null, scripts: null };
  if (demand.provider === 'proofOfWork') {
    const address = `${basePathOf(deps.config)}${captchaScript.path}`;
    return { field: taskField(demand), scripts: { address, sources: [] } };
  }
  const { className, ...scripts } = PROVIDERS[demand.provider];
  const field = html`<div class="field ${className}" data-sitekey="${demand.siteKey}"></div>`;
  return { field, scripts };
}

function taskField({ task }: CaptchaDemand): Safe {
  return html`<div class="field" data-captcha-task="${JSON.stringify(task)}">
<input type="hidden" name="captcha" value="">
<p role="status">Your browser shows for a moment that it is no program…</p>
<noscript><p>This needs JavaScript, or another network.</p></noscript>
</div>`;
}
