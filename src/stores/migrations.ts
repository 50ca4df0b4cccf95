import { fileURLToPath } from 'node:url';
import { config, up } from 'migrate-mongo';
import type { Db, MongoClient } from 'mongodb';
import type { Connection } from 'mongoose';
import { AppError } from '../errors.js';
import { type LockOptions, withMigrationLock } from './migrationLock.js';

export interface MigrationOptions extends LockOptions {
  readonly logger: { info(fields: object, message: string): void };
  /** Where the compiled migrations lie; for tests. */
  readonly directory?: string;
}

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));

/**
 * Applies every migration that the database has not seen, in the order of their names, under a lock: replicas that
 * start together wait for the one that migrates. `migrate-mongo` keeps the list in the collection `migrations`, so its
 * command line works on the same database.
 * @throws AppError INTERNAL when a migration fails: those before it stay applied, the process must not serve
 */
export async function runMigrations(connection: Connection, options: MigrationOptions): Promise<string[]> {
  const { db } = connection;
  if (!db) throw new AppError('UNAVAILABLE', 'migrations need a connected database');
  const database: Db = db;
  const client: MongoClient = connection.getClient();
  const applied = await withMigrationLock(database, options, async () => {
    config.set({
      migrationsDir: options.directory ?? MIGRATIONS,
      changelogCollectionName: 'migrations',
      migrationFileExtension: '.js',
      moduleSystem: 'esm',
      useFileHash: false,
    });
    try {
      return await up(database, client);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new AppError('INTERNAL', `the database could not be migrated: ${detail}`, { cause: error });
    }
  });
  if (applied.length > 0) options.logger.info({ applied }, 'the database has been migrated');
  return applied;
}
