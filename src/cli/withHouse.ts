import { hostname, userInfo } from 'node:os';
import { loadConfig } from '../config/load.js';
import type { Deps } from '../identity/deps.js';
import type { AuditActor, RequestOrigin } from '../identity/ports.js';
import { createLogger } from '../observability/logger.js';
import { VERSION } from '../version.js';

/** Who acts when an operator types a command: the audit trail names the system, and the account of the machine as agent. */
export interface Operator {
  readonly actor: AuditActor;
  readonly origin: RequestOrigin;
}

/**
 * Runs `use` on a house without doors, and closes it again. Works beside a running server. Warnings go to standard
 * error, so that standard output holds the result only.
 * @throws ConfigError, and what the house or `use` throws
 */
export async function withHouse<T>(
  file: string | undefined,
  use: (deps: Deps, operator: Operator) => Promise<T>,
): Promise<T> {
  const config = loadConfig({ file });
  // After the configuration is known to be right, and not before: it loads the whole house.
  const [{ openHouse }, { connectRunningEngine }] = await Promise.all([
    import('../house.js'),
    import('./runningEngine.js'),
  ]);
  const logger = createLogger(
    { logging: { level: config.logging.level === 'silent' ? 'silent' : 'warn' } },
    { version: VERSION, sink: process.stderr },
  );
  const mongo = await connectRunningEngine(config, logger);
  try {
    const house = await openHouse({ config, logger, ...(mongo && { mongo }) });
    try {
      return await use(house.deps, operator());
    } finally {
      await house.close();
    }
  } finally {
    await mongo?.close();
  }
}

function operator(): Operator {
  return {
    actor: { kind: 'system', id: 'command-line' },
    origin: {
      requestId: `command-${process.pid}`,
      address: '127.0.0.1',
      userAgent: `fieldgate/${VERSION} (${userInfo().username}@${hostname()})`,
    },
  };
}
