import { stringify } from 'yaml';
import { CONFIG_EXIT_CODE, ConfigError } from '../config/configError.js';
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
    return CONFIG_EXIT_CODE;
  }
}

/** Prints the table that stands in the README. */
export function printConfigTable(): void {
  process.stdout.write(`${configTable()}\n`);
}
