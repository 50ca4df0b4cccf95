import type { FastifyInstance } from 'fastify';
import { HttpError } from './errors.js';

/** A form body: parameters by name, and the names that came more than once (RFC 6749 §3.2 forbids them). */
export class FormBody {
  readonly parameters = new Map<string, string>();
  readonly repeated = new Set<string>();
  /** The second and later values of what was repeated. */
  readonly further = new Map<string, string[]>();

  constructor(encoded: string) {
    for (const [name, value] of new URLSearchParams(encoded)) {
      if (this.parameters.has(name)) this.#repeat(name, value);
      else this.parameters.set(name, value);
    }
  }

  #repeat(name: string, value: string): void {
    this.repeated.add(name);
    const values = this.further.get(name);
    if (values) values.push(value);
    else this.further.set(name, [value]);
  }
}

const refusal = (detail: string) =>
  new HttpError(400, 'BAD_USER_INPUT', detail, { publicMessage: 'The request body is not well-formed.' });

// Nothing else decodes to NUL: URLSearchParams makes U+FFFD of bytes that are no UTF-8.
const ENCODED_NUL = /%00|\0/;

function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => name.includes('\0') || holdsNul(member));
}

/**
 * JSON and form bodies only. Refused with BAD_USER_INPUT: malformed JSON, keys that would change a prototype,
 * NUL characters (stores and logs cut strings at them), more than one Content-Type or Authorization header.
 */
export function addBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');

  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    // An empty body under a JSON content type is no body: clients that always send the header may POST nothing.
    if (text === '') return done(null, undefined);
    return parseJson(request, text, (error, body: unknown) => {
      if (error) return done(error);
      // Only an escape can bring a NUL into JSON; the search spares the walk.
      if (text.includes('u0000') && holdsNul(body)) return done(refusal('NUL character in JSON'));
      return done(null, body);
    });
  });

  app.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, text, done) =>
      ENCODED_NUL.test(text) ? done(refusal('NUL character in form')) : done(null, new FormBody(text)),
  );

  app.addHook('onRequest', (request, _reply, done) => {
    // Node keeps the first and drops the rest, a proxy may keep the last: two readers, two meanings.
    const repeated = repeatedHeader(request.raw.rawHeaders);
    return repeated === null ? done() : done(refusal(`more than one ${repeated} header`));
  });
}

const SINGLE_HEADERS = ['content-type', 'authorization'];

/** Which of the headers that one request has once came twice. By length first: few others are as long. */
function repeatedHeader(raw: readonly string[]): string | null {
  for (const name of SINGLE_HEADERS) {
    let count = 0;
    for (let index = 0; index < raw.length; index += 2) {
      const given = raw[index];
      if (given?.length === name.length && given.toLowerCase() === name) count += 1;
    }
    if (count > 1) return name;
  }
  return null;
}
