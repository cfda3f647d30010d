/** VACUUM of tables that a run has rewritten: a help, never a duty. It stands outside of transactions. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Database, quoteIdentifier } from '../session/database.js';

/** What became of each table. */
export interface Vacuumed {
  done: string[];
  /** Left alone, and why: no right to, held by somebody, no time left. */
  left: { table: string; why: string }[];
}

export interface VacuumOptions {
  /** Tables without dead rows: there is nothing to vacuum, only the planner learns of the new rows. */
  clean?: ReadonlySet<string>;
  /** For all tables together. */
  timeoutMs: number;
  /** Aborted when the rest is to be left alone. */
  signal?: AbortSignal | undefined;
}

const CONNECT_TIMEOUT_MS = 15_000;
/** For sessions of components that have just ended; another run's or a pooler's may stay. */
const WRITERS_TIMEOUT_MS = 1_000;
const WRITERS_PAUSE_MS = 20;

/**
 * Vacuums and analyses tables of the schema, one after the other. A table that this user may not vacuum, or that
 * somebody holds, is left alone: the server says so in a warning, not an error. Never throws.
 */
export async function writeVacuum(
  database: Database,
  tables: readonly string[],
  options: VacuumOptions,
): Promise<Vacuumed> {
  // Found by this name when it is to be cancelled: behind a pooler its process is not the one that we know.
  const name = `barwright vacuum ${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({
    connectionString: database.url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', () => {});
  const limit = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  const result: Vacuumed = { done: [], left: [] };
  try {
    await client.connect();
    const session = { database, client, name, signal };
    for (const table of tables)
      await vacuumTable(session, { table, isClean: options.clean?.has(table) === true }, result);
  } catch (error) {
    const rest = tables.slice(result.done.length + result.left.length);
    const why = error instanceof Error ? error.message : String(error);
    result.left.push(...rest.map((table) => ({ table, why })));
  } finally {
    // Not waited for: a connection whose statement is still running would not end.
    client.end().catch(() => {});
  }
  return result;
}

interface Session {
  database: Database;
  client: pg.Client;
  name: string;
  signal: AbortSignal;
}

async function vacuumTable(
  session: Session,
  { table, isClean }: { table: string; isClean: boolean },
  result: Vacuumed,
): Promise<void> {
  const { database, client, signal } = session;
  const warnings: string[] = [];
  const collect = (notice: { severity?: string | undefined; message?: string | undefined }) => {
    if (notice.severity === 'WARNING') warnings.push(notice.message ?? '');
  };
  client.on('notice', collect);
  try {
    signal.throwIfAborted();
    const relation = `${quoteIdentifier(database.schema)}.${quoteIdentifier(table)}`;
    const verb = isClean ? 'analyze (skip_locked)' : 'vacuum (analyze, skip_locked)';
    const working = client.query(`${verb} ${relation}`);
    working.catch(() => {});
    await Promise.race([working, abortOf(signal)]);
    if (warnings.length === 0) result.done.push(table);
    else result.left.push({ table, why: warnings.join('; ') });
  } catch (error) {
    if (signal.aborted) await cancel(session);
    throw error;
  } finally {
    client.off('notice', collect);
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = () => reject(new Error('no time was left for it'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

async function cancel({ database, name }: Session): Promise<void> {
  await database
    .transaction((tx) =>
      tx.query(
        `select pg_cancel_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()`,
        [name],
      ),
    )
    .catch(() => {});
}

/** About how many rows the tables of the schema have, as the planner knows it; 0 for one that was not analyzed yet. */
export async function readEstimatedRows(database: Database, tables: readonly string[]): Promise<number> {
  const rows = await database.read((tx) =>
    tx.query<[number]>(
      `select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = current_schema() and c.relname = any ($1)`,
      [tables],
    ),
  );
  return rows[0]?.[0] ?? 0;
}

/**
 * Which part of the rows of tables is dead, as the server has counted: of what the components of `run` wrote, all; of what
 * others wrote, what is some time ago. null: no session is waited for.
 */
export async function readDeadParts(
  database: Database,
  tables: readonly string[],
  run: string | null,
): Promise<Map<string, number>> {
  await waitForWriters(database, run);
  // A backend reports what it wrote once a second at most: a run on a fast machine would look too early.
  await database.read((tx) => tx.query('select pg_stat_force_next_flush()'));
  const rows = await database.read((tx) =>
    tx.query<[string, number]>(
      `select relname, n_dead_tup::float8 / greatest(n_live_tup + n_dead_tup, 1) from pg_stat_user_tables
       where schemaname = current_schema() and relname = any ($1)`,
      [tables],
    ),
  );
  return new Map(rows);
}

/** A session reports what it wrote when it ends, and is among the sessions until then; its program may have ended before. */
async function waitForWriters(database: Database, run: string | null): Promise<void> {
  const deadline = performance.now() + WRITERS_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const rows = await database.read((tx) =>
      tx.query<[boolean]>(
        `select exists (select from pg_stat_activity where datname = current_database()
           and application_name like 'barwright%' and pid <> pg_backend_pid()
           and backend_start >= (select started_at from refresh_run where run = $1))`,
        [run],
      ),
    );
    if (rows[0]?.[0] !== true) return;
    await sleep(WRITERS_PAUSE_MS);
  }
}
