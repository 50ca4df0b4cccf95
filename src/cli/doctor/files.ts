import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import { masterKeyIdOf } from '../../identity/keys/keyId.js';
import { presentMasterKey } from '../../identity/keys/masterKey.js';
import { readPlacesFile } from '../../identity/risk/places.js';
import { error, type Finding, ok, warning } from './finding.js';

const LITTLE_BYTES = 1024 ** 3;
const NO_BYTES = 100 * 1024 ** 2;

const OLD_PLACES_DAYS = 60;
const DAY_MILLISECONDS = 86_400_000;

/** The data directory: its disk, the master key, what the first start left behind; and the file of places. */
export async function checkFiles(config: Config): Promise<Finding[]> {
  const { dataDirectory, environment } = config;
  const findings: Finding[] = [await checkMasterKey(config), ...(await checkPlaces(config))];
  if (!existsSync(dataDirectory)) return [...findings, warning('disk', `${dataDirectory} is not there yet`)];
  findings.push(await checkDisk(dataDirectory));
  if (existsSync(join(dataDirectory, 'admin-password.txt'))) {
    const message = `${join(dataDirectory, 'admin-password.txt')} is still there: change that password, remove the file`;
    findings.push((environment === 'production' ? error : warning)('admin password', message));
  }
  return findings;
}

async function checkMasterKey(config: Config): Promise<Finding> {
  try {
    const key = await presentMasterKey(config);
    return key
      ? ok('master key', `${masterKeyIdOf(key)}; keep a copy apart from the backups`)
      : warning('master key', 'there is none yet: the first start makes one');
  } catch (cause) {
    return error('master key', (cause as Error).message);
  }
}

async function checkPlaces({ risk }: Config): Promise<Finding[]> {
  if (risk.placesFile === undefined) return [];
  try {
    const { databaseType, buildEpoch } = (await readPlacesFile(risk.placesFile)).reader.metadata;
    const message = `${databaseType} of ${buildEpoch.toISOString().slice(0, 10)}`;
    if (!/City|Enterprise/.test(databaseType)) {
      return [warning('places', `${message} knows no cities, and perhaps no coordinates`)];
    }
    const isOld = Date.now() - buildEpoch.getTime() > OLD_PLACES_DAYS * DAY_MILLISECONDS;
    return [isOld ? warning('places', `${message}: networks have moved since`) : ok('places', message)];
  } catch (cause) {
    return [error('places', (cause as Error).message)];
  }
}

async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const message = `${(free / 1024 ** 3).toFixed(1)} GiB free where ${folder} lies`;
  if (free < NO_BYTES) return error('disk', message);
  return (free < LITTLE_BYTES ? warning : ok)('disk', message);
}
