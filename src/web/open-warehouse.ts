/** The warehouse that the dashboard and "mcp" read: a database that cannot be written, with limits that no answer passes. */
import type { Grace } from '../domain/calendar/lateness.js';
import { type ConnectionRequest, findConnection } from '../storage/embedded/connection.js';
import { checkSchema } from '../storage/schema/migrate.js';
import { type Database, openDatabase } from '../storage/session/database.js';
import { isDatabaseAway } from './answers/errors.js';
import type { LiveState } from './api/api-types.js';

export interface WarehouseRequest extends Omit<ConnectionRequest, 'mayStart'> {
  schema: string;
  source: string | null;
  stalenessHours: number | null;
  lateAfter?: Grace | undefined;
}

/** Pages ask for a handful of things at a time; longer than this no page waits. */
const LIMITS = { maxConnections: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 20_000 };

export interface OpenWarehouse {
  url: string;
  database: Database;
  /** Which one it is, without a user and a password. */
  warehouse: LiveState['warehouse'];
  warnings: string[];
  /** Throws when the schema is not one of this barwright; asks until it is. */
  ensureSchema(): Promise<void>;
}

/**
 * Opens it. A database that is away is no reason not to: it is asked again, and a warning says so.
 * Throws UsageError when the schema is not one of this barwright.
 */
export async function openWarehouse(request: WarehouseRequest): Promise<OpenWarehouse> {
  const { schema } = request;
  const connection = await findConnection({ ...request, mayStart: true });
  const warnings = [...connection.warnings];
  const database = openDatabase(connection.url, { ...LIMITS, schema, isReadOnly: true });
  let isSchemaRight = false;
  const ensureSchema = async () => {
    if (!isSchemaRight) await checkSchema(database);
    isSchemaRight = true;
  };
  try {
    await ensureSchema();
  } catch (error) {
    if (!isDatabaseAway(error)) {
      await database.close();
      throw error;
    }
    warnings.push('the database does not answer yet; what is asked says so until it does');
  }
  return {
    url: connection.url,
    database,
    warehouse: warehouseOf(connection.url, schema),
    warnings,
    ensureSchema,
  };
}

function warehouseOf(url: string, schema: string): LiveState['warehouse'] {
  const parsed = URL.parse(url);
  return { database: parsed === null ? '' : `${parsed.host}${parsed.pathname}`, schema };
}
