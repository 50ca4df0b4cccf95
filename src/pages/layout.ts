import type { FastifyReply } from 'fastify';
import type { Config } from '../config/schema.js';
import { basePathOf } from '../http/basePath.js';
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

/** A script, and what the policy of the page allows it beside ourselves. */
export interface PageScripts {
  readonly address: string;
  readonly allows?: Readonly<Partial<Record<'script' | 'style' | 'frame' | 'connect', string>>>;
}

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

/** Nothing may frame us or be loaded from elsewhere but what is named; forms go to this server only. */
function policyOf(scripts: PageScripts | null, passkeys: boolean): string {
  const { script, style, frame, connect } = scripts?.allows ?? {};
  const more = (sources: string | undefined) => (sources ? ` ${sources}` : '');
  return [
    "default-src 'none'",
    `style-src 'self'${more(style)}`,
    "img-src 'self' data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    ...(scripts || passkeys ? [`script-src 'self'${more(script)}`] : []),
    ...(frame ? [`frame-src ${frame}`] : []),
    ...(connect ? [`connect-src ${connect}`] : []),
  ].join(';');
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
