import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/schema.js';
import type { AppError } from '../errors.js';
import { applyErrorHeaders, statusOf } from '../http/errorReply.js';
import { ERROR_TEXTS } from './errorTexts.js';
import { html } from './html.js';
import { sendView, type View } from './layout.js';

/** The page of a refusal. A fault of ours carries the request's id, by which it is found in the log. */
export function errorView(error: AppError, requestId: string): View {
  const { title, text } = ERROR_TEXTS[error.code];
  const status = statusOf(error);
  return {
    status,
    title,
    body: html`<p>${error.publicMessage ?? text}</p>
${status >= 500 && html`<p class="quiet">Reference: <code>${requestId}</code></p>`}`,
  };
}

/** Answers a browser's request with the page of its refusal. */
export function sendErrorPage(
  request: FastifyRequest,
  reply: FastifyReply,
  config: Config,
  error: AppError,
): void {
  applyErrorHeaders(reply, error);
  sendView(reply, config, errorView(error, request.id));
}
