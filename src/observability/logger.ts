import pino from 'pino';
import type { Config } from '../config/schema.js';
import { MASK, maskText } from '../identity/audit/secretNames.js';
import { maskFields } from './masking.js';
import { serializers } from './serializers.js';

/** Where lines go: stdout, or a collector in tests. */
export interface LineSink {
  write(line: string): void;
}

// pino's own redaction, a further net under the serializers and the key rule.
const REDACTED = ['password', 'token', 'secret', 'authorization', 'cookie'].concat(
  ['authorization', 'cookie', 'set-cookie'].flatMap((name) => [
    `req.headers["${name}"]`,
    `res.headers["${name}"]`,
  ]),
);

/**
 * JSON lines with level, ISO time, service and version; whoever logs about a request gives its `requestId` along (no
 * `AsyncLocalStorage`: its promise hooks cost a fifth of a request on Node 20). Nets, one under another, keep secrets
 * out: serializers that know no bodies and few headers, masking by member name (`isSecretName`), a redaction list, and
 * a last look at each finished line (`maskText`). Lines of a Fastify child logger carry the same members.
 */
export function createLogger(
  config: Pick<Config, 'logging'>,
  options: { version?: string; sink?: LineSink } = {},
): pino.Logger {
  const logger = pino(
    {
      level: config.logging.level,
      base: { service: 'fieldgate', ...(options.version && { version: options.version }), pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: maskFields },
      serializers,
      redact: { paths: REDACTED, censor: (value) => (typeof value === 'string' ? MASK : value) },
      hooks: { streamWrite: maskText },
    },
    options.sink ?? pino.destination({ dest: 1, sync: false }),
  );
  return withMaskedBindings(logger);
}

/** pino formats the bindings of the root only; children inherit this method, so theirs are masked as well. */
function withMaskedBindings(logger: pino.Logger): pino.Logger {
  const plainChild: pino.Logger['child'] = Reflect.get(logger, 'child');
  logger.child = function maskedChild(this: pino.Logger, bindings: pino.Bindings, options) {
    return plainChild.call(this, namedAlike(maskFields(bindings)), options);
  } as typeof logger.child;
  return logger;
}

// Fastify's name for what every other layer calls `requestId`.
function namedAlike(bindings: Record<string, unknown>): Record<string, unknown> {
  if (!('reqId' in bindings)) return bindings;
  const { reqId, ...rest } = bindings;
  return { ...rest, requestId: reqId };
}
