import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { FormBody } from '../http/bodyParsers.js';

/** RFC 8707 §2 and RFC 8693 §2.1 let these come more than once; RFC 6749 §3.2 lets no other. */
const REPEATABLE: ReadonlySet<string> = new Set(['resource', 'audience']);
const NONE: ReadonlyMap<string, readonly string[]> = new Map();

/**
 * The parameters of one OAuth request. RFC 6749 §3.2: parameters without a value are as if omitted, unknown ones are
 * ignored, none may come twice.
 */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;
  readonly #further: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, string>, further: ReadonlyMap<string, readonly string[]> = NONE) {
    this.#values = values;
    this.#further = further;
  }

  /** From pairs of name and value. */
  static of(pairs: Iterable<readonly [name: string, value: string]>): Parameters {
    const values = new Map<string, string>();
    const further = new Map<string, string[]>();
    for (const [name, value] of pairs) {
      if (!values.has(name)) values.set(name, value);
      else further.set(name, [...(further.get(name) ?? []), value]);
    }
    return new Parameters(values, further);
  }

  /** The pairs of these names, without empty values. */
  pairs(names: readonly string[]): (readonly [name: string, value: string])[] {
    return names.flatMap((name) => this.all(name).map((value) => [name, value] as const));
  }

  /** The value, or undefined when it was omitted or empty. */
  get(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  /** Every value of a parameter that may come more than once (RFC 8707 §2), without empty ones. */
  all(name: string): string[] {
    return [this.#values.get(name) ?? '', ...(this.#further.get(name) ?? [])].filter(Boolean);
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
  const repeated = wronglyRepeated(body);
  if (repeated.size > 0) {
    throw new AppError('INVALID_REQUEST', `repeated: ${repeated.size} parameters`, {
      publicMessage: 'a parameter must not be repeated',
    });
  }
  return new Parameters(body.parameters, body.further);
}

function wronglyRepeated({ repeated }: FormBody): ReadonlySet<string> {
  return repeated.size === 0 ? repeated : new Set([...repeated].filter((name) => !REPEATABLE.has(name)));
}

/** Longer than any honest request; it may have to be kept while somebody signs in. */
export const LONGEST_REQUEST_CHARACTERS = 16_384;

/**
 * The parameters of an authorization request, from the query string (GET) or the form body (POST), with the names that
 * came more than once: whether the client may be told depends on which.
 * @throws AppError INVALID_REQUEST for another content type, NUL characters, or too long a request
 */
export function readFrontChannel(request: FastifyRequest): {
  parameters: Parameters;
  repeated: ReadonlySet<string>;
} {
  const form = request.method === 'GET' ? new FormBody(queryOf(request)) : request.body;
  if (!(form instanceof FormBody)) {
    throw new AppError('INVALID_REQUEST', 'body is not a form', {
      publicMessage: 'the body must be application/x-www-form-urlencoded',
    });
  }
  const text = [...form.parameters, ...form.further].flat(2).join('');
  if (text.includes('\0') || text.length > LONGEST_REQUEST_CHARACTERS) {
    throw new AppError('INVALID_REQUEST', 'NUL characters, or too long a request');
  }
  return { parameters: new Parameters(form.parameters, form.further), repeated: wronglyRepeated(form) };
}

function queryOf(request: FastifyRequest): string {
  const { url } = request;
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start + 1);
}
