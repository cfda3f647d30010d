import type { OptionValues } from './options.js';

/** Where the database is, as far as flags say. */
export function databaseOf(values: OptionValues): {
  dbUrl?: string;
  embedded?: boolean;
  dataDir?: string;
  schema: string;
} {
  return {
    ...(values.dbUrl !== undefined && { dbUrl: values.dbUrl }),
    ...(values.embedded !== undefined && { embedded: values.embedded }),
    ...(values.dataDir !== undefined && { dataDir: values.dataDir }),
    schema: values.schema,
  };
}
