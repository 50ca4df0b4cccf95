import type { FastifyReply } from 'fastify';
import type { Config } from '../config/schema.js';
import { siteOf } from '../identity/accounts/letters.js';
import { html, renderHtml, type Safe } from './html.js';
import { passkeyScript } from './passkeyScript.js';
import { stylesheet } from './stylesheet.js';

/** What one page shows. */
export interface View {
  /** 200 if absent. */
  readonly status?: number;
  /** The document's title and its heading. */
  readonly title: string;
  /** The page shows what is wrong with a form: its title says so first, for those who hear it. */
  readonly hasFaults?: boolean;
  readonly body: Safe;
  /** Where the browser goes on by itself, also without scripts; the body should hold a link to it. */
  readonly continueTo?: string;
  /** The page asks the browser for a passkey: our own script does that. */
  readonly passkeys?: boolean;
  /** A CAPTCHA runs in the page; nothing else ever does. */
  readonly scripts?: PageScripts | null;
}

/** A script, and the sources that the policy of the page names for it beside our own. */
export interface PageScripts {
  readonly address: string;
  readonly sources: readonly string[];
}

/** Nothing may run, frame us or be loaded from elsewhere; forms go to this server only. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join(';');

/** The path that a proxy serves us under, without a trailing slash: empty for an issuer at the root of its host. */
export const basePathOf = (config: Pick<Config, 'issuer'>): string =>
  new URL(config.issuer).pathname.replace(/\/$/, '');

/** Answers with a page: the one place that makes a document and sets the headers that a page has. */
export function sendView(reply: FastifyReply, config: Config, view: View): FastifyReply {
  return reply
    .code(view.status ?? 200)
    .headers({
      'content-security-policy': policyOf(view.scripts ?? null, view.passkeys === true),
      'x-frame-options': 'DENY',
      // The link in a letter holds its secret: neither caches nor the next site may learn it.
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .type('text/html; charset=utf-8')
    .send(renderHtml(documentOf(config, view)));
}

function policyOf(scripts: PageScripts | null, passkeys: boolean): string {
  if (!scripts) return CONTENT_SECURITY_POLICY + (passkeys ? ";script-src 'self'" : '');
  const sources = ['', ...scripts.sources].join(' ');
  const rules = [`script-src 'self'${sources}`];
  // Widgets of others bring a frame, styles and requests of their own.
  if (scripts.sources.length > 0) rules.push(`frame-src${sources}`, `connect-src${sources}`);
  return [CONTENT_SECURITY_POLICY, ...rules].join(';');
}

function documentOf(config: Config, { title, hasFaults, body, continueTo, passkeys, scripts }: View): Safe {
  const site = siteOf(config);
  return html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${continueTo !== undefined && html`<meta http-equiv="refresh" content="${`0;url=${continueTo}`}">`}
<title>${hasFaults && 'Error: '}${title} – ${site}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${basePathOf(config)}${stylesheet.path}">
${scripts && html`<script src="${scripts.address}" defer></script>`}
${passkeys && html`<script src="${basePathOf(config)}${passkeyScript.path}" defer></script>`}
</head>
<body>
<header>${site}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>`;
}
