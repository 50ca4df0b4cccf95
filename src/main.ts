#!/usr/bin/env node
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { CONFIG_EXIT_CODE, ConfigError } from './config/configError.js';
import { loadConfig } from './config/load.js';
import type { Config } from './config/schema.js';
import { createLogger } from './observability/logger.js';
import { exitOnUnhandled } from './process/exit.js';
import { VERSION } from './version.js';

/**
 * The process: `node dist/src/main.js [config file]`.
 * Exit codes: 0 after a drain, 1 when it could not start or go on, 78 when the configuration is wrong or the master
 * key is not that of the database.
 */
async function main(file: string | undefined): Promise<void> {
  const config = loadConfig({ file });
  const logger = createLogger(config, { version: VERSION });
  exitOnUnhandled(logger);
  try {
    await run(config, logger);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    logger.error({ err: error }, `Fieldgate could not start: ${(error as Error).message}`);
    // A supervisor that starts it again does not bring the right key.
    process.exit((error as Error).name === 'MasterKeyError' ? CONFIG_EXIT_CODE : 1);
  }
}

/** Loads only what this process needs: a primary serves nothing itself. */
async function run(config: Config, logger: Logger): Promise<void> {
  if (config.workers > 1 && cluster.isPrimary) {
    const { runPrimary } = await import('./process/primary.js');
    return runPrimary(config, logger);
  }
  const { serve } = await import('./process/serve.js');
  return serve(config, logger);
}

try {
  await main(process.argv[2]);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(CONFIG_EXIT_CODE);
}
