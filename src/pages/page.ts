import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { basePathOf } from '../http/basePath.js';
import { assertSameOrigin } from '../http/csrf.js';
import { enforceAddressLimit } from '../http/rateLimit.js';
import type { Deps } from '../identity/deps.js';
import type { RateLimitName } from '../identity/rateLimits.js';
import { FORM_LIMIT_BYTES, readFields } from './formBody.js';
import type { FormTokens } from './formToken.js';
import { type Content, html, type Safe } from './html.js';
import { sendView, type View } from './layout.js';

/** One request to one page. */
export interface Visit {
  readonly deps: Deps;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The solution of a CAPTCHA, if the form that was sent holds one. */
  readonly captcha: string | null;
  /** A form that posts back to this page, or to another of ours, with its token against forgery. */
  readonly form: (content: Content, to?: string) => Safe;
}

/** What a page does with a form that was sent to it. */
export interface Submission<Name extends string> {
  /** The fields that the form has, beside its token. */
  readonly fields: readonly Name[];
  /** Counted per address before anything of the form is looked at, shared with the other doors. */
  readonly limit: RateLimitName;
  /** @throws AppError, which becomes an error page. `choices`: the names, without their mark, of `choice` fields sent. */
  handle(visit: Visit, fields: Record<Name, string>, choices: ReadonlySet<string>): Promise<View>;
}

/** One page, one file: what GET shows, which changes nothing, and what POST does. */
export interface Page<Name extends string = never> {
  readonly path: string;
  show(visit: Visit): View | Promise<View>;
  readonly submission?: Submission<Name>;
}

/** Puts a page on the server. Every POST proves its origin and its token before its handler runs. */
export function addPage<Name extends string>(
  app: FastifyInstance,
  deps: Deps,
  tokens: FormTokens,
  page: Page<Name>,
): void {
  const { path, submission } = page;
  // csrf: false, since `assertOwnForm` asks for more, also where no cookie signs anybody in.
  const options = { schema: { hide: true }, config: { csrf: false }, bodyLimit: FORM_LIMIT_BYTES };
  const visitOf = (request: FastifyRequest, reply: FastifyReply, captcha: string | null = null): Visit => ({
    deps,
    request,
    reply,
    captcha,
    form: (content, to = path) => html`<form method="post" action="${basePathOf(deps.config)}${to}">
<input type="hidden" name="csrf" value="${tokens.issue(request, reply, to)}">
${content}
</form>`,
  });

  app.get(path, options, async (request, reply) =>
    sendView(reply, deps.config, await page.show(visitOf(request, reply))),
  );
  if (!submission) return;
  app.post(path, options, async (request, reply) => {
    await enforceAddressLimit(deps, request, reply, submission.limit);
    const {
      fields: sent,
      choices,
      captcha,
    } = readFields<Name | 'csrf'>(request, [...submission.fields, 'csrf']);
    const { csrf, ...fields } = sent;
    assertOwnForm(request, deps, tokens.accepts(request, path, csrf));
    const visit = visitOf(request, reply, captcha);
    const view = await submission.handle(visit, fields as Record<Name, string>, choices);
    return sendView(reply, deps.config, view);
  });
}

/** @throws AppError FORBIDDEN unless the form is one that we showed to this browser */
function assertOwnForm(
  request: FastifyRequest,
  { config }: Pick<Deps, 'config'>,
  tokenAccepted: boolean,
): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  // Under `Referrer-Policy: no-referrer` a form's Origin is "null" (Fetch, "append a request Origin header"), and plain
  // http beyond localhost has no Sec-Fetch-Site: nothing is claimed then, and the token alone decides.
  const claimsNothing = site === undefined && (origin === undefined || origin === 'null');
  // Origins listed for CORS may call the API, but no form of ours is theirs to send.
  const onlyUs = { issuer: config.issuer, http: { ...config.http, corsOrigins: [] } };
  if (!claimsNothing) assertSameOrigin(request, onlyUs);
  if (!tokenAccepted) {
    throw new AppError('FORBIDDEN', 'CSRF: the token of the form is missing, foreign or old', {
      publicMessage:
        'This form was open for too long, or your browser keeps no cookies for this site. Open the page or the link in your message again.',
    });
  }
}
