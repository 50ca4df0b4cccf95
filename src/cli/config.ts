import { stringify } from 'yaml';
import { ConfigError } from '../config/configError.js';
import { CONFIG_KEYS } from '../config/keys.js';
import { loadConfig } from '../config/load.js';
import { maskSecrets } from '../config/masked.js';
import { configTable } from '../config/table.js';
import { EXIT } from './exitCodes.js';

/**
 * Prints what is in force, secrets masked, or every fault: on standard error, with `json` as `{"faults": […]}` on
 * standard output. Answers the exit code.
 */
export function checkConfig(file: string | undefined, { json = false }: { json?: boolean }): number {
  try {
    const config = maskSecrets(loadConfig({ file }));
    process.stdout.write(json ? `${JSON.stringify(config, null, 2)}\n` : stringify(config));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (json) process.stdout.write(`${JSON.stringify({ faults: error.faults }, null, 2)}\n`);
    else process.stderr.write(`${error.message}\n`);
    return EXIT.config;
  }
}

/** Prints the table that stands in the README, or the same as JSON. */
export function printConfigTable({ json }: { json?: boolean }): void {
  const keys = CONFIG_KEYS.map(({ path, env, type, fallback, secret, description }) => ({
    key: path.join('.'),
    environment: env,
    type,
    default: fallback,
    secret,
    description,
  }));
  process.stdout.write(json ? `${JSON.stringify({ keys })}\n` : `${configTable()}\n`);
}
