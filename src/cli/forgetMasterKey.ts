import { loadConfig } from '../config/load.js';
import { AppError } from '../errors.js';
import { type ForgottenSecrets, forgetLostMasterKey } from '../identity/keys/lostMasterKey.js';
import { loadMasterKey } from '../identity/keys/masterKey.js';
import { createModels } from '../models/models.js';
import { createLogger } from '../observability/logger.js';
import { connectMongo } from '../stores/mongo.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { listing, print } from './output.js';
import { withHouse } from './withHouse.js';

export interface ForgetMasterKeyOptions extends CommonOptions {
  readonly loseWhatItEncrypted?: boolean;
}

/** Removes what only a lost master key opens, then opens the installation with the one at hand. Answers the exit code. */
export async function forgetMasterKey(options: ForgetMasterKeyOptions): Promise<number> {
  if (!options.loseWhatItEncrypted) {
    throw new AppError(
      'BAD_USER_INPUT',
      'this ends every token and removes authenticator apps, recovery codes and what is personal in the audit trail: ' +
        'give --lose-what-it-encrypted',
    );
  }
  const forgotten = await forget(options.config);
  await withHouse(options.config, (deps, { actor, origin }) =>
    deps.audit.record({ action: 'masterKey.forget', outcome: 'success', actor, origin, after: forgotten }),
  );
  print(options.json, forgotten, `removed\n${listing({ ...forgotten })}`);
  return EXIT.ok;
}

async function forget(file: string | undefined): Promise<ForgottenSecrets> {
  const config = loadConfig({ file });
  const logger = createLogger({ logging: { level: 'warn' } }, { sink: process.stderr });
  const { mongodbUri: uri } = config.stores;
  const mongo = await connectMongo({ uri, dataDirectory: config.dataDirectory, logger });
  try {
    const models = createModels(mongo.connection, () => new Date());
    return await forgetLostMasterKey({ models }, await loadMasterKey(config, logger));
  } finally {
    await mongo.close();
  }
}
