import { createHash } from 'node:crypto';
import type { AuthorizationRequest, Carrier } from '../../identity/authorization/request.js';
import type { Deps } from '../../identity/deps.js';
import { escapeHtml } from '../../identity/messages/html.js';
import type { Client } from '../../models/client.js';
import type { Exchange } from '../endpoint.js';

/** Where an answer goes and how. */
export interface Receiver extends Pick<AuthorizationRequest, 'redirectUri' | 'responseMode' | 'state'> {
  readonly client: Pick<Client, '_id' | 'authorizationSignedResponseAlg' | 'dynamicallyRegistered'>;
}

type Fields = Readonly<Record<string, string>>;

/** JARM §2.1: "a maximum authorization response lifetime of 10 minutes is RECOMMENDED". */
const SIGNED_ANSWER_SECONDS = 600;

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

/**
 * Sends an answer to the client through the browser, with `state` as it came and `iss` (RFC 9207 §2); where the client
 * asked for it as one signed JWT (JARM §2.1).
 */
export async function sendToClient(
  { deps, reply }: Pick<Exchange, 'deps' | 'reply'>,
  receiver: Receiver,
  answer: Fields,
): Promise<void> {
  const { redirectUri, state } = receiver;
  const { carrier, isSigned } = carrierOf(receiver);
  const plain = { ...answer, ...(state === undefined ? {} : { state }), iss: deps.config.issuer };
  const fields: Fields = isSigned ? { response: await sign(deps, receiver, plain) } : plain;
  // Neither caches nor the next site may learn the code.
  reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache', 'referrer-policy': 'no-referrer' });
  if (carrier === 'form_post') {
    void reply
      .header('content-security-policy', FORM_POST_POLICY)
      .type('text/html; charset=utf-8')
      .send(formPostDocument(redirectUri, fields));
    return;
  }
  const encoded = new URLSearchParams(fields).toString();
  const joint = carrier === 'fragment' ? '#' : redirectUri.includes('?') ? '&' : '?';
  // 303 and not 307: a form that brought the browser here must not be sent on (RFC 9700 §4.12).
  void reply.redirect(`${redirectUri}${joint}${encoded}`, 303);
}

function carrierOf({ responseMode }: Receiver): { carrier: Carrier; isSigned: boolean } {
  const isSigned = responseMode.endsWith('.jwt');
  return { carrier: responseMode.replace('.jwt', '') as Carrier, isSigned };
}

/** No `sub`, `iat` or `nonce` in it: whoever takes it for an ID token finds that it is none. */
function sign(
  { clock, config, keys }: Pick<Deps, 'clock' | 'config' | 'keys'>,
  { client }: Receiver,
  fields: Fields,
): Promise<string> {
  const exp = Math.floor(clock().getTime() / 1000) + SIGNED_ANSWER_SECONDS;
  return keys.sign(
    { ...fields, iss: config.issuer, aud: client._id, exp },
    { typ: 'JWT', algorithm: client.authorizationSignedResponseAlg },
  );
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
