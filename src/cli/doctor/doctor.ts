import { ConfigError } from '../../config/configError.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { createLogger } from '../../observability/logger.js';
import type { CommonOptions } from '../commands/command.js';
import { EXIT } from '../exitCodes.js';
import { print } from '../output.js';
import { checkFiles } from './files.js';
import { error, type Finding, ok } from './finding.js';
import { checkSettings } from './settings.js';
import { checkStores } from './stores.js';

const MARK = { ok: 'ok     ', warning: 'WARNING', error: 'ERROR  ' } as const;

/**
 * Looks at the configuration, the data directory and the databases, and tells what is wrong or weak. Changes nothing,
 * makes nothing, prints no secret. Answers the exit code: failed when there is an error.
 */
export async function examine({ config: file, json }: CommonOptions): Promise<number> {
  const findings = await findingsOf(file);
  const errors = findings.filter(({ level }) => level === 'error').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  const lines = findings.map(({ check, level, message }) => `${MARK[level]} ${check}: ${message}`);
  const summary = `${errors} errors, ${warnings} warnings`;
  print(json, { healthy: errors === 0, errors, warnings, findings }, [...lines, summary].join('\n'));
  return errors > 0 ? EXIT.failed : EXIT.ok;
}

async function findingsOf(file: string | undefined): Promise<Finding[]> {
  let config: Config;
  try {
    config = loadConfig({ file });
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return cause.faults.map(({ path, message }) => error('configuration', `${path}: ${message}`));
  }
  // What the stores have to say is said by the findings.
  const logger = createLogger({ logging: { level: 'silent' } }, { sink: process.stderr });
  return [
    ok('configuration', 'has no fault'),
    ...checkSettings(config),
    ...(await checkFiles(config)),
    ...(await checkStores(config, logger)),
  ];
}
