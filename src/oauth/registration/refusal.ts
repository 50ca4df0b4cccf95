import { AppError, isAppError } from '../../errors.js';
import type { Exchange } from '../endpoint.js';
import { asDescription, BearerError } from '../errors.js';

/** RFC 7591 §3.2.2, and RFC 6749 §5.2 for what is wrong with the request itself. */
export type RegistrationErrorName =
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'unapproved_software_statement'
  | 'invalid_request';

/** Metadata that make no client. */
export class RegistrationRefusal extends AppError {
  readonly error: RegistrationErrorName;

  constructor(error: RegistrationErrorName, publicMessage: string) {
    super('BAD_USER_INPUT', `registration refused: ${publicMessage}`, { publicMessage });
    this.error = error;
  }
}

const CHALLENGE = 'Bearer realm="fieldgate"';

/** Runs the steps of a registration; tells its refusals in the words of RFC 7591 §3.2.2 and RFC 6750 §3. */
export async function refusingAsRegistration(
  { request, reply }: Exchange,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (isAppError(error, 'INVALID_TOKEN')) {
      const fault = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
      throw new BearerError('invalid_token', error.message, {
        challenge: `${CHALLENGE}${fault}`,
        cause: error,
      });
    }
    if (!isAppError(error, 'BAD_USER_INPUT')) throw error;
    request.log.info({ reason: error.message }, 'registration refused');
    void reply.code(400).send({
      error: nameOf(error),
      error_description: asDescription(error.publicMessage ?? 'the metadata are not valid'),
      request_id: request.id,
    });
  }
}

function nameOf(error: AppError): RegistrationErrorName {
  if (error instanceof RegistrationRefusal) return error.error;
  return error.path?.[0] === 'redirectUris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
}

/** The bearer token of the request, or null; nothing but the header is looked at. */
export function bearerOf({ request }: Exchange): string | null {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/** The body as a JSON object. @throws RegistrationRefusal */
export function documentOf({ request }: Exchange): Readonly<Record<string, unknown>> {
  const { body } = request;
  const isJson = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
  if (isJson && typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new RegistrationRefusal('invalid_request', 'the body must be a JSON object');
}
