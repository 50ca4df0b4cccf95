import { type CaptchaDemand, isAppError } from '../errors.js';
import { basePathOf } from '../http/basePath.js';
import { captchaFor } from '../identity/risk/captcha/demandCaptcha.js';
import { captchaScript } from './captchaScript.js';
import { html, type Safe } from './html.js';
import type { PageScripts } from './layout.js';
import type { Visit } from './page.js';

type Provider = Exclude<CaptchaDemand['provider'], 'proofOfWork'>;

const HCAPTCHA = 'https://hcaptcha.com https://*.hcaptcha.com';

/** Their widgets, and what each provider's documentation says that a page must allow for them. */
const PROVIDERS: Readonly<Record<Provider, { className: string } & PageScripts>> = {
  turnstile: {
    className: 'cf-turnstile',
    address: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    allows: { script: 'https://challenges.cloudflare.com', frame: 'https://challenges.cloudflare.com' },
  },
  hcaptcha: {
    className: 'h-captcha',
    address: 'https://js.hcaptcha.com/1/api.js',
    allows: { script: HCAPTCHA, style: HCAPTCHA, frame: HCAPTCHA, connect: HCAPTCHA },
  },
  recaptcha: {
    className: 'g-recaptcha',
    address: 'https://www.google.com/recaptcha/api.js',
    allows: {
      script: 'https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/',
      frame: 'https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/',
      connect: 'https://www.google.com/recaptcha/',
    },
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
    return { field: taskField(demand), scripts: { address } };
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
