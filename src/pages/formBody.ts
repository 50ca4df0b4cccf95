import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { FormBody } from '../http/bodyParsers.js';

/** A password of 1024 bytes, each percent-encoded, twice, beside tokens. */
export const FORM_LIMIT_BYTES = 16 * 1024;

/**
 * The fields of a posted form: exactly those named, each once.
 * @throws AppError BAD_USER_INPUT for another content type, or a field that is missing, repeated or unknown
 */
export function readFields<Name extends string>(
  request: FastifyRequest,
  names: readonly Name[],
): Record<Name, string> {
  const { body } = request;
  if (!(body instanceof FormBody)) throw refusal('not a form');
  if (body.repeated.size > 0) throw refusal('a field is repeated');
  if (body.parameters.size > names.length) throw refusal('a field is unknown');
  const fields: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = body.parameters.get(name);
    if (value === undefined) throw refusal('a field is missing');
    fields[name] = value;
  }
  return fields as Record<Name, string>;
}

function refusal(detail: string): AppError {
  return new AppError('BAD_USER_INPUT', `form refused: ${detail}`);
}
