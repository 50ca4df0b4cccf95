import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buildIndexes, createModels } from '../../src/models/models.js';
import { createLogger } from '../../src/observability/logger.js';
import { connectMongo } from '../../src/stores/mongo.js';
import { type Side, startSide } from './side.js';

/** Who asks holds one of these roles: a `user` reads the own account alone, `admin` everything. */
const ROLES = ['admin', 'user', 'clerk'] as const;
const CALLERS_OF_ROLE = 8;
/** The people who ask, as many of each role as requests run at once: `admin-0`, ... */
export const CALLERS: readonly string[] = ROLES.flatMap((role) => callersOf(role));

/** The ids of those who hold the role. */
export function callersOf(role: (typeof ROLES)[number]): readonly string[] {
  return Array.from({ length: CALLERS_OF_ROLE }, (_, index) => `${role}-${index}`);
}

const BATCH = 1000;

/** The server of MONGODB_URI, or an embedded engine in a process of its own. */
export async function openServer(folder: string): Promise<{ uri: string; engine: Side | null }> {
  const given = process.env['MONGODB_URI'];
  if (given) return { uri: given, engine: null };
  const engine = await startSide('engine', [join(folder, 'embedded')]);
  return { uri: engine.url, engine };
}

export interface Database {
  readonly uri: string;
  drop(): Promise<void>;
}

/** A new database with so many users. */
export async function createDatabase(server: string, users: number): Promise<Database> {
  const address = new URL(server);
  address.pathname = `/bench_${randomBytes(4).toString('hex')}`;
  const logger = createLogger({ logging: { level: 'silent' } });
  const connected = async () => connectMongo({ uri: address.href, dataDirectory: '', logger });
  const mongo = await connected();
  const models = createModels(mongo.connection, () => new Date());
  await buildIndexes(models);
  for (let from = 0; from < users; from += BATCH) {
    const many = Array.from({ length: Math.min(BATCH, users - from) }, (_, at) => userAt(from + at));
    await models.users.insertMany(many);
  }
  await mongo.close();
  return {
    uri: address.href,
    async drop() {
      const again = await connected();
      await again.connection.dropDatabase();
      await again.close();
    },
  };
}

function userAt(at: number): object {
  const caller = CALLERS[at];
  const roles = caller === undefined ? ['user', 'developer'] : [caller.replace(/-.*$/, '')];
  return {
    _id: caller ?? `u${String(at).padStart(6, '0')}`,
    username: `user${at}`,
    usernameNormalized: `user${at}`,
    email: `user${at}@example.com`,
    emailNormalized: `user${at}@example.com`,
    emailVerified: true,
    name: `User ${at}`,
    locale: at % 4 === 0 ? 'fr' : 'en',
    roleAssignments: roles.map((role) => ({ role })),
  };
}
