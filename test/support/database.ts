/** A database per test file: cloned from the migrated template in some 50 ms, dropped at the end. */
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.js';
import { createDatabase, dropDatabase } from './server.js';
import { migrateDatabase } from './template.js';

export interface TestDatabase {
  url: string;
  database: Database;
  /** Closes `database` and drops it with whatever is still connected. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** URL of a superuser on another server than this run's own; see second-server.ts. */
  serverUrl?: string;
  schema?: string;
  maxConnections?: number;
  /** Name of a database on this run's own server that is cloned; nobody may be connected to it. */
  template?: string;
}

/** A database with the schema of all migrations in `public`. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  if (options.serverUrl === undefined) {
    const adminUrl = inject('adminUrl');
    const template = options.template ?? inject('templateDatabase');
    return open(adminUrl, await createDatabase(adminUrl, template), options);
  }
  const created = await createDatabase(options.serverUrl);
  await migrateDatabase(created.url);
  return open(options.serverUrl, created, options);
}

/** A database with nothing in it. */
export async function createEmptyDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const adminUrl = options.serverUrl ?? inject('adminUrl');
  return open(adminUrl, await createDatabase(adminUrl), options);
}

function open(
  adminUrl: string,
  created: { name: string; url: string },
  options: TestDatabaseOptions,
): TestDatabase {
  const database = openDatabase(created.url, {
    schema: options.schema ?? 'public',
    maxConnections: options.maxConnections ?? 4,
  });
  return {
    url: created.url,
    database,
    async drop() {
      await database.close();
      await dropDatabase(adminUrl, created.name);
    },
  };
}
