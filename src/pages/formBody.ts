import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { FormBody } from '../http/bodyParsers.js';

/** A password of 1024 bytes, each percent-encoded, twice, beside tokens. */
export const FORM_LIMIT_BYTES = 16 * 1024;

/** What a box to tick or one of several buttons is named: a form sends those that were used. */
export const choice = (name: string): string => `${CHOICE}${name}`;
const CHOICE = 'choice.';

/** Where the solution of a CAPTCHA comes: ours, and as the scripts of the providers name it. */
const CAPTCHA_FIELDS = ['captcha', 'cf-turnstile-response', 'h-captcha-response', 'g-recaptcha-response'];

/**
 * The fields of a posted form: exactly those named, each once, and beside them the choices made
 * and the solution of a CAPTCHA.
 * @throws AppError BAD_USER_INPUT for another content type, or a field that is missing, repeated or unknown
 */
export function readFields<Name extends string>(
  request: FastifyRequest,
  names: readonly Name[],
): { fields: Record<Name, string>; choices: ReadonlySet<string>; captcha: string | null } {
  const { body } = request;
  if (!(body instanceof FormBody)) throw refusal('not a form');
  if (body.repeated.size > 0) throw refusal('a field is repeated');
  const solution = CAPTCHA_FIELDS.map((name) => body.parameters.get(name)).find((one) => one);
  const solved = CAPTCHA_FIELDS.filter((name) => body.parameters.has(name)).length;
  const chosen = [...body.parameters.keys()].filter((name) => name.startsWith(CHOICE));
  if (body.parameters.size - chosen.length - solved > names.length) throw refusal('a field is unknown');
  const fields: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = body.parameters.get(name);
    if (value === undefined) throw refusal('a field is missing');
    fields[name] = value;
  }
  return {
    fields: fields as Record<Name, string>,
    captcha: solution ?? null,
    choices: new Set(chosen.map((name) => name.slice(CHOICE.length))),
  };
}

function refusal(detail: string): AppError {
  return new AppError('BAD_USER_INPUT', `form refused: ${detail}`);
}
