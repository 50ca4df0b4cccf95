import { isAppError } from '../errors.js';
import { loggedHeaders, loggedUrl } from './masking.js';

const MAX_CAUSES = 5;

/** What is logged of an error: never its own enumerable members, for drivers hang whole documents on them. */
export interface LoggedError {
  type: string;
  message: string;
  code?: string | number;
  path?: readonly string[];
  stack?: string;
  cause?: LoggedError;
}

function codeOf(error: Error): string | number | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
}

// E11000 quotes the colliding value, and node's URL errors the whole input.
function withoutValues(message: string): string {
  return message.replace(/dup key: \{.*\}/s, 'dup key: {...}');
}

/** Type, message, code, stack and causes of an error; anything else that was thrown by its type only. */
export function serializeError(thrown: unknown, depth = 0): LoggedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: 'not an Error' };
  const code = codeOf(thrown);
  const message = withoutValues(thrown.message);
  return {
    type: thrown.name,
    message,
    ...(code !== undefined && { code }),
    ...(isAppError(thrown) && thrown.path !== undefined && { path: thrown.path }),
    // A refusal's stack says nothing; a defect's does.
    ...(!(isAppError(thrown) && thrown.code !== 'INTERNAL') &&
      thrown.stack !== undefined && { stack: thrown.stack.replace(thrown.message, message) }),
    ...(thrown.cause !== undefined &&
      depth < MAX_CAUSES && { cause: serializeError(thrown.cause, depth + 1) }),
  };
}

interface RequestLike {
  readonly method?: unknown;
  readonly url?: unknown;
  readonly ip?: unknown;
  readonly headers?: unknown;
}

/** Method, path without query, address and harmless headers: never a body, a query string or a cookie. */
export function serializeRequest(request: RequestLike): object {
  return {
    method: request.method,
    url: typeof request.url === 'string' ? loggedUrl(request.url) : undefined,
    remoteAddress: request.ip,
    headers:
      typeof request.headers === 'object' && request.headers !== null
        ? loggedHeaders(request.headers)
        : undefined,
  };
}

/** The status alone: replies carry tokens and cookies. */
export function serializeReply(reply: { readonly statusCode?: unknown }): object {
  return { statusCode: reply.statusCode };
}

/** Nothing: what a caller sent, or what it is answered, is not logged. */
const serializeContent = (): string => '[omitted]';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** By name of the logged member. */
export const serializers: Record<string, (value: unknown) => unknown> = {
  err: (value) => serializeError(value),
  error: (value) => (value instanceof Error ? serializeError(value) : value),
  req: (value) => (isObject(value) ? serializeRequest(value) : undefined),
  request: (value) => (isObject(value) ? serializeRequest(value) : undefined),
  res: (value) => (isObject(value) ? serializeReply(value) : undefined),
  reply: (value) => (isObject(value) ? serializeReply(value) : undefined),
  headers: (value) => (isObject(value) ? loggedHeaders(value) : undefined),
  url: (value) => (typeof value === 'string' ? loggedUrl(value) : value),
  body: serializeContent,
  payload: serializeContent,
  query: serializeContent,
  variables: serializeContent,
};
