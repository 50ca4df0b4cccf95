import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from 'mongoose';
import type { Config } from '../../config/schema.js';
import type { Logger } from '../../identity/ports.js';
import { createModels, type Models } from '../../models/models.js';
import { connectMongo, type MongoStore } from '../../stores/mongo.js';
import { type Probe, probeMongo, probeRedis } from '../../stores/probe.js';
import { connectRunningEngine } from '../runningEngine.js';
import { checkContent } from './content.js';
import { error, type Finding, ok, warning } from './finding.js';

const SLOW_MILLISECONDS = 50;
/** Codes of 30 seconds, tokens and proofs bear so much. */
const LARGE_SKEW_MILLISECONDS = 1000;
const UNBEARABLE_SKEW_MILLISECONDS = 10_000;

/** The databases: whether they answer, how fast, by which clock, and what they hold. Changes nothing. */
export async function checkStores(config: Config, logger: Logger): Promise<Finding[]> {
  const [mongo, redis] = await Promise.all([checkMongo(config, logger), checkRedis(config)]);
  return [...mongo, ...redis];
}

async function checkMongo(config: Config, logger: Logger): Promise<Finding[]> {
  const { mongodbUri: uri } = config.stores;
  // The engine would make its folder.
  if (!uri && !existsSync(join(config.dataDirectory, 'embedded'))) {
    return [warning('mongodb', 'there is no embedded database yet: the first start makes it')];
  }
  let store: MongoStore;
  try {
    const running = await connectRunningEngine(config, logger);
    store = running ?? (await connectMongo({ uri, dataDirectory: config.dataDirectory, logger }));
  } catch (cause) {
    return [error('mongodb', (cause as Error).message)];
  }
  try {
    const models = createModels(store.connection, () => new Date());
    return [
      ...told('mongodb', await probeMongo(store.connection)),
      await checkIndexes(models),
      ...(await checkContent(config, models)),
    ];
  } catch (cause) {
    return [error('mongodb', (cause as Error).message)];
  } finally {
    await store.close();
  }
}

async function checkRedis(config: Config): Promise<Finding[]> {
  const { redisUrl } = config.stores;
  if (redisUrl === undefined) return [ok('redis', 'not used: short-lived state is kept in the process')];
  try {
    return told('redis', await probeRedis(redisUrl));
  } catch (cause) {
    return [error('redis', (cause as Error).message)];
  }
}

function told(check: string, { latencyMilliseconds, skewMilliseconds }: Probe): Finding[] {
  const latency = `answers in ${latencyMilliseconds.toFixed(1)} ms`;
  const skew = Math.abs(skewMilliseconds);
  const clock = `its clock is ${Math.round(skew)} ms ${skewMilliseconds < 0 ? 'behind' : 'ahead'}`;
  const level = skew >= UNBEARABLE_SKEW_MILLISECONDS ? error : skew >= LARGE_SKEW_MILLISECONDS ? warning : ok;
  return [
    (latencyMilliseconds > SLOW_MILLISECONDS ? warning : ok)(check, latency),
    level(`${check} clock`, clock),
  ];
}

async function checkIndexes(models: Models): Promise<Finding> {
  const missing: string[] = [];
  let present = 0;
  for (const model of Object.values(models) as Model<unknown>[]) {
    const { toCreate } = (await model.diffIndexes({ indexOptionsToCreate: false })) as {
      toCreate: unknown[];
    };
    present += model.schema.indexes().length - toCreate.length;
    missing.push(...toCreate.map((keys) => `${model.collection.name} ${JSON.stringify(keys)}`));
  }
  return missing.length === 0
    ? ok('indexes', `all ${present} are there`)
    : error('indexes', `missing: ${missing.join('; ')}; a start of the server makes them`);
}
