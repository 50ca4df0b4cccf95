import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { FormBody } from '../http/bodyParsers.js';

/**
 * The parameters of one OAuth request. RFC 6749 §3.2: parameters without a value are as if omitted, unknown ones are
 * ignored, none may come twice.
 */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** The value, or undefined when it was omitted or empty. */
  get(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  /** @throws AppError INVALID_REQUEST when it was omitted or empty */
  require(name: string): string {
    const value = this.get(name);
    if (value !== undefined) return value;
    throw new AppError('INVALID_REQUEST', `${name} is missing`, {
      publicMessage: `the parameter ${name} is missing`,
    });
  }
}

/**
 * Parameters from the form body; the query string is not looked at (RFC 6749 §2.3.1: credentials never in the URI).
 * @throws AppError INVALID_REQUEST for another content type, no body, or a repeated parameter
 */
export function readParameters(request: FastifyRequest): Parameters {
  const { body } = request;
  if (!(body instanceof FormBody)) {
    throw new AppError('INVALID_REQUEST', 'body is not a form', {
      publicMessage: 'the body must be application/x-www-form-urlencoded',
    });
  }
  if (body.repeated.size > 0) {
    throw new AppError('INVALID_REQUEST', `repeated: ${body.repeated.size} parameters`, {
      publicMessage: 'a parameter must not be repeated',
    });
  }
  return new Parameters(body.parameters);
}
