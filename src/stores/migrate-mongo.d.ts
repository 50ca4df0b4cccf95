/** What Fieldgate uses of migrate-mongo, which ships no types. */
declare module 'migrate-mongo' {
  import type { Db, MongoClient } from 'mongodb';

  export const config: {
    set(config: {
      migrationsDir: string;
      changelogCollectionName: string;
      migrationFileExtension: string;
      moduleSystem: 'esm';
      useFileHash: boolean;
    }): void;
  };

  /** Applies the pending migrations and returns their file names. */
  export function up(db: Db, client: MongoClient): Promise<string[]>;
}
