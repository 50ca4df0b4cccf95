import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { AuthorizationRequest } from '../../identity/authorization/request.js';
import { escapeHtml } from '../../identity/messages/html.js';

/** Where an answer goes and how. */
export type Receiver = Pick<AuthorizationRequest, 'redirectUri' | 'responseMode' | 'state'>;

const SUBMIT = 'document.forms[0].submit()';
const SUBMIT_HASH = createHash('sha256').update(SUBMIT).digest('base64');

/**
 * No `form-action`: Chromium applies it to where the app redirects after it took the answer, which is the app's affair.
 * The one form has a fixed receiver.
 */
const FORM_POST_POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${SUBMIT_HASH}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join(';');

/** Sends an answer to the client through the browser, with `state` as it came and `iss` (RFC 9207 §2). */
export function sendToClient(
  reply: FastifyReply,
  issuer: string,
  { redirectUri, responseMode, state }: Receiver,
  answer: Readonly<Record<string, string>>,
): void {
  const fields = { ...answer, ...(state === undefined ? {} : { state }), iss: issuer };
  // Neither caches nor the next site may learn the code.
  reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache', 'referrer-policy': 'no-referrer' });
  if (responseMode === 'form_post') {
    void reply
      .header('content-security-policy', FORM_POST_POLICY)
      .type('text/html; charset=utf-8')
      .send(formPostDocument(redirectUri, fields));
    return;
  }
  const encoded = new URLSearchParams(fields).toString();
  const joint = responseMode === 'fragment' ? '#' : redirectUri.includes('?') ? '&' : '?';
  // 303 and not 307: a form that brought the browser here must not be sent on (RFC 9700 §4.12).
  void reply.redirect(`${redirectUri}${joint}${encoded}`, 303);
}

/** OAuth 2.0 Form Post Response Mode §2; the button is for browsers without scripts. */
function formPostDocument(action: string, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Continue</title></head>
<body>
<form method="post" action="${escapeHtml(action)}">
${inputs.join('\n')}
<button type="submit">Continue</button>
</form>
<script>${SUBMIT}</script>
</body>
</html>
`;
}
