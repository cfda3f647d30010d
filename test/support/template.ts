import { openDatabase } from '../../src/storage/database.js';
import { migrate } from '../../src/storage/migrate.js';

/** Makes the schema in the database of `url`, and leaves no connection behind. */
export async function migrateDatabase(url: string): Promise<void> {
  const database = openDatabase(url, { maxConnections: 1 });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}
