import { printable } from '../domain/printable.js';
import { findConnection } from '../storage/connection.js';
import { type Database, type OpenOptions, openDatabase } from '../storage/database.js';
import { checkSchema } from '../storage/migrate.js';
import { hidePassword } from '../storage/secrets.js';
import { databaseOf } from './database-options.js';

import type { OptionValues } from './options.js';
import type { Talk } from './talk.js';

/**
 * Opens the database that the flags and the configuration name, hands it to `work` and closes it again.
 * The schema is checked first unless `isSchemaChecked` is false (for commands that make it). With `isWriting` the database
 * and the schema are named on stderr before anything is done.
 */
export async function withDatabase<T>(
  values: OptionValues,
  options: { talk: Talk; isSchemaChecked?: boolean; isWriting?: boolean } & Pick<
    OpenOptions,
    'statementTimeoutMs' | 'retry' | 'interrupt'
  >,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const connection = await findConnection({ ...databaseOf(values), mayStart: true });
  // Stdout may be data.
  for (const warning of connection.warnings)
    process.stderr.write(`[WARNING] ${printable(hidePassword(warning))}\n`);
  if (options.isWriting) {
    const name = printable(hidePassword(connection.url));
    process.stderr.write(`[INFO] database: ${name} (from ${connection.source}), schema ${values.schema}\n`);
  }
  const { statementTimeoutMs, retry, interrupt } = options;
  const database = openDatabase(connection.url, {
    schema: values.schema,
    retry,
    interrupt,
    ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
  });
  try {
    if (options.isSchemaChecked !== false) await checkSchema(database);
    return await work(database);
  } finally {
    await database.close();
  }
}
