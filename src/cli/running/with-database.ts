import { printable } from '../../domain/text/printable.js';
import { findConnection } from '../../storage/embedded/connection.js';
import { checkSchema } from '../../storage/schema/migrate.js';
import { type Database, type OpenOptions, openDatabase } from '../../storage/session/database.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import { databaseOf } from '../options/database.js';

import type { OptionValues } from '../options/options.js';
import type { Talk } from '../output/messages.js';

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
