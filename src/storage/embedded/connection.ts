import { UsageError } from '../../domain/text/errors.js';
import { resolveDatabaseUrl } from '../settings/database-url.js';

/** What a person, a configuration or a caller said about where the database is. */
export interface ConnectionRequest {
  dbUrl?: string;
  embedded?: boolean;
  dataDir?: string;
  /** May an embedded server be made and started? A dry run must not. */
  mayStart: boolean;
}

export interface Connection {
  url: string;
  /** Which source won, for people. */
  source: string;
  warnings: string[];
}

/**
 * Finds the database: the embedded server when --embedded or BARWRIGHT_DB=embedded asks for it (never by default),
 * otherwise by the order of resolveDatabaseUrl. Throws UsageError when nothing names one.
 */
export async function findConnection(request: ConnectionRequest): Promise<Connection> {
  if (request.embedded && request.dbUrl !== undefined) {
    throw new UsageError('--embedded and --db-url name two different databases: give one of them');
  }
  const isEmbedded =
    request.embedded ?? (request.dbUrl === undefined && process.env.BARWRIGHT_DB === 'embedded');
  if (!isEmbedded)
    return resolveDatabaseUrl({ ...(request.dbUrl !== undefined && { cliDbUrl: request.dbUrl }) });
  const options = { dataDir: request.dataDir ?? process.env.BARWRIGHT_DATA_DIR ?? null };
  if (request.mayStart) {
    const { url } = await (await import('./embedded.js')).ensureEmbedded(options);
    return { url, source: 'embedded server', warnings: [] };
  }
  const found = await (await import('./embedded.js')).findEmbedded(options);
  if (found === null || !found.running) {
    throw new Error(
      `the embedded server ${found === null ? 'does not exist yet' : 'is not running'}, and a dry run does not start it`,
    );
  }
  return { url: found.url, source: 'embedded server', warnings: [] };
}
