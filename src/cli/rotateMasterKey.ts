import { AppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';
import { masterKeyIdOf } from '../identity/keys/keyId.js';
import { loadMasterKey } from '../identity/keys/masterKey.js';
import { keyInFile, nextKeyPath, replaceKeyFile } from '../identity/keys/masterKeyFiles.js';
import {
  type RotatedMasterKey,
  rotateMasterKey,
  rotationUnderWay,
} from '../identity/keys/masterKeyRotation.js';
import { openSecrets } from '../identity/keys/secrets.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { print } from './output.js';
import { eraseLine, showProgress } from './progress.js';
import { withHouse } from './withHouse.js';

export interface RotateMasterKeyOptions extends CommonOptions {
  readonly newKeyFile?: string;
  readonly settle: string;
}

const LONGEST_SETTLE_SECONDS = 3600;

/** Where the new key comes from and how it becomes the installation's. */
interface Source {
  readonly present: Uint8Array;
  readonly next: Uint8Array;
  readonly adopt: () => Promise<boolean>;
}

/**
 * Rotates the master key beside running servers, or goes on with a rotation that was killed. A key file is replaced; a
 * configured key is for the operator to replace, and the same command then finishes. Answers the exit code.
 */
export async function rotateMasterKeyFromOptions(options: RotateMasterKeyOptions): Promise<number> {
  const settleSeconds = Number(options.settle);
  if (!Number.isInteger(settleSeconds) || settleSeconds < 0 || settleSeconds > LONGEST_SETTLE_SECONDS) {
    throw new AppError('BAD_USER_INPUT', `--settle is 0 to ${LONGEST_SETTLE_SECONDS} seconds`);
  }
  const rotated = await withHouse(options.config, async (deps, { actor, origin }) => {
    const source = await sourceOf(deps, options.newKeyFile);
    const onProgress = (done: number) => showProgress(`${done} encrypted anew`);
    const secrets = await openSecrets(deps);
    try {
      return await rotateMasterKey(
        { ...deps, secrets },
        { ...source, settleSeconds, onProgress },
        actor,
        origin,
      );
    } finally {
      await secrets.close();
    }
  });
  process.stderr.write(eraseLine());
  print(options.json, rotated, textOf(rotated, options.newKeyFile));
  return EXIT.ok;
}

async function sourceOf(deps: Deps, newKeyFile: string | undefined): Promise<Source> {
  const { config, logger } = deps;
  const present = await loadMasterKey(config, logger);
  const underWay = await rotationUnderWay(deps);
  const isAdopted = underWay?.to === masterKeyIdOf(present);
  if (config.masterKey !== undefined) {
    if (isAdopted) return { present, next: present, adopt: async () => true };
    if (newKeyFile === undefined) {
      throw new AppError(
        'BAD_USER_INPUT',
        'the master key is configured: give --new-key-file for the new one',
      );
    }
    return { present, next: await keyInFile(newKeyFile), adopt: async () => false };
  }
  if (newKeyFile !== undefined) {
    throw new AppError(
      'BAD_USER_INPUT',
      '--new-key-file is for a configured masterKey; the key file is replaced',
    );
  }
  const { dataDirectory } = config;
  return {
    present,
    next: isAdopted ? present : await keyInFile(nextKeyPath(dataDirectory)),
    adopt: async () => {
      await replaceKeyFile(dataDirectory);
      return true;
    },
  };
}

function textOf(
  { from, to, reencrypted, finished }: RotatedMasterKey,
  newKeyFile: string | undefined,
): string {
  const done = `${reencrypted} secrets encrypted anew; master key ${from} replaced by ${to}`;
  if (finished) return `${done}\nkeep ${from} as long as you keep backups from before`;
  return (
    `${reencrypted} secrets encrypted anew; both master keys open them\n` +
    `now set masterKey to what ${newKeyFile} holds (${to}), restart every server, and run this command again`
  );
}
