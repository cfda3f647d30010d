import { migrate } from '../../src/storage/schema/migrate.js';
import { openDatabase, type Tx } from '../../src/storage/session/database.js';

/**
 * Makes the schema in the database of `url`, and leaves no connection behind. Assets of the tests are history that gets no
 * new days, unless a test says what it expects of them (`expectDays`).
 */
export async function migrateDatabase(url: string): Promise<void> {
  const database = openDatabase(url, { maxConnections: 1 });
  try {
    await migrate(database);
    await database.transaction((tx) => setDefaultCalendar(tx, 'none'));
  } finally {
    await database.close();
  }
}

/** The calendar of assets that are registered from now on; null: as barwright has it by itself. */
export async function setDefaultCalendar(tx: Tx, calendar: string | null): Promise<void> {
  const value = calendar === null ? 'null' : `'${calendar}'`;
  await tx.execute(`alter table dim_assets alter column calendar set default ${value}`);
}
