import type { FastifyError } from 'fastify';
import { AppError, type AppErrorOptions, type ErrorCode } from '../errors.js';

/** A refusal that only HTTP knows (404, 405, 413, 415, 431): carries its own status and headers beside the code. */
export class HttpError extends AppError {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    statusCode: number,
    code: ErrorCode,
    privateDetail: string,
    options: AppErrorOptions & { headers?: Record<string, string> } = {},
  ) {
    super(code, privateDetail, options);
    this.name = 'HttpError';
    this.statusCode = statusCode;
    this.headers = options.headers ?? {};
  }
}

// By name: the doors must not import the drivers.
const STORE_IS_GONE = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerSelectionError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongooseServerSelectionError',
  'MaxRetriesPerRequestError',
]);

/**
 * Anything thrown, as an AppError: refusals pass, what the framework found wrong with the request is
 * BAD_USER_INPUT or LIMIT_EXCEEDED, a store that does not answer is UNAVAILABLE, the rest is INTERNAL.
 * Never repeats the caller's text in a public message.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof Error))
    return new AppError('INTERNAL', 'something that is no Error was thrown', { cause: error });
  // mongoose has no class of its own for a query that waited in vain for a connection.
  const waitedInVain = error.name === 'MongooseError' && error.message.includes('buffering timed out');
  // Of several writes at once: what the server refuses has a code, a connection that broke has none.
  const brokeOff = error.name === 'MongoBulkWriteError' && !('code' in error && error.code !== undefined);
  if (waitedInVain || brokeOff || STORE_IS_GONE.has(error.name)) {
    return new AppError('UNAVAILABLE', error.message, { cause: error, retryAfterSeconds: 5 });
  }
  const { statusCode, code, validation, validationContext } = error as Partial<FastifyError>;
  if (validation) return invalidInput(error, validation[0], validationContext);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new HttpError(413, 'LIMIT_EXCEEDED', error.message, {
      publicMessage: 'The request body is too large.',
    });
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new HttpError(415, 'BAD_USER_INPUT', error.message, {
      publicMessage: 'The content type of the request is not supported.',
    });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpError(statusCode, 'BAD_USER_INPUT', error.message, { cause: error });
  }
  return new AppError('INTERNAL', error.message, { cause: error });
}

function invalidInput(
  error: Error,
  fault: NonNullable<FastifyError['validation']>[number] | undefined,
  context: string | undefined,
): AppError {
  const path = (fault?.instancePath ?? '').split('/').filter((part) => part !== '');
  const missing = fault?.params['missingProperty'];
  const unknown = fault?.params['additionalProperty'];
  if (typeof missing === 'string') path.push(missing);
  const where = path.length > 0 ? path.join('.') : (context ?? 'body');
  const what =
    unknown !== undefined ? 'holds a property that is not known' : (fault?.message ?? 'is not valid');
  return new AppError('BAD_USER_INPUT', error.message, {
    ...(path.length > 0 && { path }),
    publicMessage: typeof missing === 'string' ? `${where} is required.` : `${where} ${what}.`,
  });
}
