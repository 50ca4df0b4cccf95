import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import type { ConfigInput } from '../support/deps.js';
import { type Outside, startOutside } from '../support/outside.js';
import { createVisitor, headingOf } from './visitor.js';

const HCAPTCHA = 'https://hcaptcha.com https://*.hcaptcha.com';

/** What each provider's documentation says that a page needs: not more, since whoever is named may run in the page. */
const WIDGETS = {
  turnstile: {
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    answer: 'cf-turnstile-response',
    policy: {
      'style-src': "'self'",
      'script-src': "'self' https://challenges.cloudflare.com",
      'frame-src': 'https://challenges.cloudflare.com',
    },
  },
  hcaptcha: {
    script: 'https://js.hcaptcha.com/1/api.js',
    answer: 'h-captcha-response',
    policy: {
      'style-src': `'self' ${HCAPTCHA}`,
      'script-src': `'self' ${HCAPTCHA}`,
      'frame-src': HCAPTCHA,
      'connect-src': HCAPTCHA,
    },
  },
  recaptcha: {
    script: 'https://www.google.com/recaptcha/api.js',
    answer: 'g-recaptcha-response',
    policy: {
      'style-src': "'self'",
      'script-src': "'self' https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
      'frame-src': 'https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/',
      'connect-src': 'https://www.google.com/recaptcha/',
    },
  },
} as const;

const OF_EVERY_PAGE = {
  'default-src': "'none'",
  'img-src': "'self' data:",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
};

const FORMS = ['/sign-in', '/sign-in/new-password', '/register', '/forgot-password'];

for (const [name, { script, answer, policy }] of Object.entries(WIDGETS)) {
  describe(`the pages with a CAPTCHA of ${name}`, () => {
    let provider: Outside;
    let app: TestApp;
    before(async () => {
      provider = await startOutside({ plain: true });
      provider.answer(({ body }, response) => {
        const success = new URLSearchParams(body).get('response') === 'solved';
        response.end(JSON.stringify({ success, hostname: '127.0.0.1' }));
      });
      app = await startApp({
        captcha: {
          demand: 'always',
          provider: name as keyof typeof WIDGETS,
          siteKey: 'site-key',
          secretKey: 'secret-key',
          verifyUrl: provider.url,
        },
        ...provider.config,
      } satisfies ConfigInput);
    });
    after(async () => {
      await app?.close();
      await provider.close();
    });

    it('allow its widget what it needs, nobody else anything, and show no secret', async () => {
      for (const path of FORMS) {
        const { headers, text } = await createVisitor(app).open(path);
        const directives = (headers.get('content-security-policy') ?? '').split(';').map((directive) => {
          const [first = '', ...sources] = directive.split(' ');
          return [first, sources.join(' ')];
        });
        expect(Object.fromEntries(directives), path).to.deep.equal({ ...OF_EVERY_PAGE, ...policy });
        expect(directives, path).to.have.length(Object.keys({ ...OF_EVERY_PAGE, ...policy }).length);
        expect(text.match(/<script[^>]*src="https:[^"]*"/g), path).to.deep.equal([`<script src="${script}"`]);
        expect(text).to.include('data-sitekey="site-key"').and.not.include('secret-key');
      }
    });

    it('allow it nothing where there is nothing to solve', async () => {
      for (const path of ['/', '/reset-password', '/nowhere']) {
        const { headers, text } = await createVisitor(app).open(path);
        expect(headers.get('content-security-policy'), path).to.not.include('https:');
        expect(text, path).to.not.include('<script');
      }
    });

    it('ask it about the answer that its widget put into the form', async () => {
      const visitor = createVisitor(app);
      const shown = await visitor.open('/sign-in');
      const typed = { identifier: app.admin.email, password: app.admin.password };
      const wrong = await visitor.send(shown, { ...typed, [answer]: 'guessed' });
      expect(wrong.status).to.equal(400);
      const right = await visitor.send(wrong, { ...typed, [answer]: 'solved' });
      expect(headingOf(right)).to.equal('You are signed in');
      expect(provider.received.map(({ body }) => new URLSearchParams(body).get('response'))).to.deep.equal([
        'guessed',
        'solved',
      ]);
    });
  });
}
