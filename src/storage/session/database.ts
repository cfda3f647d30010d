import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { checkName } from '../../domain/text/names.js';
import { CommitUnknownError, connectFailure, isConnectionLost } from '../failures/failures.js';
import { type RetryOptions, withRetry } from '../failures/retry.js';
import { rememberSecrets } from '../settings/secrets.js';
import { nameLockHolder } from './lock-holders.js';
import { watchLocks } from './lock-watch.js';
import { ASK_OPTIONAL, localSettings, type TransactionBounds } from './session-settings.js';
import { boundsOf, readTimeouts } from './timeouts.js';
import type { Tx } from './tx.js';
import { parsersByOid } from './type-parsers.js';
import { transactionOf, Wire } from './wire.js';

export type { Tx } from './tx.js';

export interface TransactionOptions {
  isolation?: 'read committed' | 'repeatable read';
  readOnly?: boolean;
}

/** A PostgreSQL database and one schema in it. Nothing is kept in a session: pgbouncer in transaction mode works. */
export interface Database {
  readonly url: string;
  readonly schema: string;
  /** How `read` and `repeatable` are tried again; undefined: they are not. */
  readonly retry: RetryOptions | undefined;
  /** Runs `work` in one transaction; commits when it resolves, rolls back when it throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs `work` in one read-only snapshot; again, where the database was opened with `retry` and what failed passes. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same as a write: `work` must come to the same when it was done before, as after a COMMIT without an answer. */
  repeatable<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Ends its connections; again: nothing. */
  close(): Promise<void>;
}

export interface OpenOptions {
  schema?: string;
  maxConnections?: number;
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
  /** For a transaction in which nothing is asked; left out: as for a statement. */
  idleTimeoutMs?: number | undefined;
  retry?: RetryOptions | undefined;
  /** Every transaction is a read-only one: the server refuses what would write. */
  isReadOnly?: boolean;
  /** Aborted when the running statement is to be cancelled; no other is begun then. Takes a connection more. */
  interrupt?: AbortSignal | undefined;
}

const CLOSE_TIMEOUT_MS = 5_000;
/** Idle for so long, a connection is asked by TCP whether its other end is still there. */
const KEEP_ALIVE_MS = 10_000;
const APPLICATION = 'barwright';
const ASK_TIMEOUT_MS = 5_000;

/**
 * Opens a pool on `url`; no connection is made before the first transaction.
 * `schema` is quoted, never interpolated raw; it need not exist yet. Throws UsageError when it cannot be a name.
 */
export function openDatabase(url: string, options: OpenOptions = {}): Database {
  rememberSecrets(url);
  const schema = checkName('--schema', options.schema ?? 'public');
  const usual = readTimeouts();
  const timeouts = boundsOf({ ...usual, statementMs: options.statementTimeoutMs ?? usual.statementMs });
  const { statementMs, lockMs } = timeouts;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 4,
    connectionTimeoutMillis: options.connectTimeoutMs ?? timeouts.connectMs,
    idleTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: APPLICATION,
    allowExitOnIdle: true,
    types: { getTypeParser: parsersByOid },
  });
  // A connection that breaks while it is idle must not end the process; the next query reports it.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const canceller = options.interrupt && cancellerOf(pool, options.interrupt);
  const idleMs = options.idleTimeoutMs ?? statementMs;
  const bounds = { schema, statementMs, lockMs, idleMs, name: canceller?.name };
  let hasAnswered = false;
  const transaction: Database['transaction'] = async (work, transactionOptions = {}) => {
    const client = await connect(pool);
    hasAnswered = true;
    return runTransaction(
      { client, bounds, limitMs: statementMs, url, schema, lockMs, canceller },
      work,
      options.isReadOnly ? { ...transactionOptions, readOnly: true } : transactionOptions,
    );
  };
  const retry = options.retry && { hasAnswered: () => hasAnswered, ...options.retry };
  const repeat: Database['transaction'] = (work, transactionOptions) => {
    const once = () => transaction(work, transactionOptions);
    return retry === undefined ? once() : withRetry(once, retry);
  };
  let closing: Promise<void> | null = null;
  return {
    url,
    schema,
    retry,
    transaction,
    read: (work) => repeat(work, { isolation: 'repeatable read', readOnly: true }),
    repeatable: (work) => repeat(work),
    close() {
      closing ??= Promise.race([pool.end(), expire(CLOSE_TIMEOUT_MS)]);
      return closing;
    },
  };
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw connectFailure(error);
  }
}

/** Quotes a name for use as an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return pg.escapeIdentifier(name);
}

interface Session {
  client: pg.PoolClient;
  bounds: TransactionBounds;
  limitMs: number;
  url: string;
  schema: string;
  lockMs: number;
  canceller: Canceller | undefined;
}

async function runTransaction<T>(
  session: Session,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const { client, limitMs, canceller } = session;
  const mode = `isolation level ${options.isolation ?? 'read committed'}${options.readOnly ? ', read only' : ''}`;
  const { processID: pid = null } = client as { processID?: number | null };
  const locks = watchLocks({ ...session, pid });
  const wire = new Wire(client, { limitMs, interrupt: canceller?.signal, locks });
  canceller?.signal.addEventListener('abort', canceller.cancel);
  try {
    const settings = localSettings(session.bounds, await listOptional(client, wire));
    await wire.ask(`begin ${mode}; ${settings}`);
    const result = await work(transactionOf(wire, limitMs));
    await commit(wire);
    return result;
  } catch (error) {
    // Not rolled back means in an unknown state: such a connection is closed, which ends its transaction too.
    if (!wire.isBroken)
      await wire.rollback().catch(() => {
        wire.isBroken = true;
      });
    if (!wire.isBroken) await nameLockHolder(error, { ...session, ask: askOn(client), seen: locks.seen() });
    throw error;
  } finally {
    canceller?.signal.removeEventListener('abort', canceller.cancel);
    client.release(wire.isBroken);
  }
}

/** Which settings the server of a connection has that not every version has. */
const optional = new WeakMap<pg.PoolClient, string[]>();

/** They are asked for once a connection, before its first transaction. */
async function listOptional(client: pg.PoolClient, wire: Wire): Promise<string[]> {
  const known = optional.get(client);
  if (known !== undefined) return known;
  const { rows } = await wire.ask<[string]>(ASK_OPTIONAL);
  const names = rows.map(([name]) => name);
  optional.set(client, names);
  return names;
}

interface Canceller {
  signal: AbortSignal;
  /** That its transactions go by. */
  name: string;
  cancel: () => void;
}

/** By a name of its own: behind a pooler the process of a session is not the one that we know. */
function cancellerOf(pool: pg.Pool, signal: AbortSignal): Canceller {
  const name = `${APPLICATION} ${randomBytes(4).toString('hex')}`;
  const sql = `select pg_cancel_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()`;
  // What cannot be cancelled ends by its timeout.
  return { signal, name, cancel: () => void pool.query(sql, [name]).catch(() => {}) };
}

/** A statement on a connection that is in no transaction. */
function askOn(client: pg.PoolClient) {
  return async <R extends unknown[]>(sql: string, params: readonly unknown[]): Promise<R[]> => {
    const query = {
      text: sql,
      query_timeout: ASK_TIMEOUT_MS,
      values: [...params],
      rowMode: 'array' as const,
    };
    const result = await client.query<R>(query);
    return result.rows;
  };
}

/** Throws CommitUnknownError when there was no answer: nothing may be assumed of it. */
async function commit(wire: Wire): Promise<void> {
  try {
    await wire.ask('commit');
  } catch (error) {
    throw isConnectionLost(error) ? new CommitUnknownError(error) : error;
  }
}

function expire(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeoutMs).unref());
}
