import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { checkName } from '../domain/names.js';
import { CommitUnknownError, connectFailure, isConnectionLost } from './failures.js';
import { nameLockHolder } from './lock-holders.js';
import { type RetryOptions, withRetry } from './retry.js';
import { rememberSecrets } from './secrets.js';
import { awaitAnswer, boundsOf, readTimeouts, type Timeouts } from './timeouts.js';
import { parsersByOid } from './type-parsers.js';

/** One open transaction. Rows come as arrays, in the order of the select list. */
export interface Tx {
  query<R extends unknown[]>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** Runs a statement and returns how many rows it affected. */
  execute(sql: string, params?: readonly unknown[]): Promise<number>;
  /** `copy … from stdin`; returns how many rows the server took. */
  copyIn(sql: string, chunks: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<number>;
  /** `copy … to stdout`, as the server's chunks (not aligned with rows). */
  copyOut(sql: string): AsyncIterable<Buffer>;
}

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
}

const CLOSE_TIMEOUT_MS = 5_000;
/** Idle for so long, a connection is asked by TCP whether its other end is still there. */
const KEEP_ALIVE_MS = 10_000;
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
    application_name: 'barwright',
    allowExitOnIdle: true,
    types: { getTypeParser: parsersByOid },
  });
  // A connection that breaks while nobody waits on it must not end the process; the next query reports it.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const settings = localSettings(schema, { ...timeouts, idleMs: options.idleTimeoutMs ?? statementMs });
  let hasAnswered = false;
  const transaction: Database['transaction'] = async (work, transactionOptions = {}) => {
    const client = await connect(pool);
    hasAnswered = true;
    return runTransaction(
      { client, settings, limitMs: statementMs, schema, lockMs },
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

/** Everything a result could depend on is set inside the transaction, so server and session defaults do not matter. */
function localSettings(
  schema: string,
  { statementMs, lockMs, idleMs }: Timeouts & { idleMs: number },
): string {
  return [
    `set local search_path = ${quoteIdentifier(schema)}`,
    `set local timezone = 'UTC'`,
    `set local datestyle = 'ISO, YMD'`,
    `set local extra_float_digits = 1`,
    `set local jit = off`,
    `set local statement_timeout = ${statementMs}`,
    `set local lock_timeout = ${lockMs}`,
    `set local idle_in_transaction_session_timeout = ${idleMs}`,
  ].join('; ');
}

/** Quotes a name for use as an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return pg.escapeIdentifier(name);
}

interface Session {
  client: pg.PoolClient;
  settings: string;
  limitMs: number;
  schema: string;
  lockMs: number;
}

async function runTransaction<T>(
  session: Session,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const { client, settings, limitMs } = session;
  const mode = `isolation level ${options.isolation ?? 'read committed'}${options.readOnly ? ', read only' : ''}`;
  const wire = new Wire(client, limitMs);
  try {
    await wire.ask(`begin ${mode}; ${settings}`);
    const result = await work(transactionOf(wire, limitMs));
    await commit(wire);
    return result;
  } catch (error) {
    // Not rolled back means in an unknown state: such a connection is closed, which ends its transaction too.
    if (!wire.isBroken)
      await wire.ask('rollback').catch(() => {
        wire.isBroken = true;
      });
    if (!wire.isBroken) await nameLockHolder(error, { ...session, ask: askOn(client) });
    throw error;
  } finally {
    client.release(wire.isBroken);
  }
}

/** A connection for the time of one transaction. */
class Wire {
  /** It cannot take another statement: a COPY was left in the middle, or there was no answer. */
  isBroken = false;
  readonly client: pg.PoolClient;
  readonly #limitMs: number;

  constructor(client: pg.PoolClient, limitMs: number) {
    this.client = client;
    this.#limitMs = limitMs;
  }

  /**
   * A statement with a bound of its own. (As a setting of the pool the bound would cover COPY streams too, which never
   * tell pg that they are done: its timer would outlive them.)
   */
  ask<R extends unknown[]>(text: string, params?: readonly unknown[]): Promise<pg.QueryArrayResult<R>> {
    const values = params === undefined ? {} : { values: [...params] };
    const answer = this.client.query<R>({ text, ...values, rowMode: 'array' });
    return awaitAnswer(answer, this.#limitMs, () => {
      this.isBroken = true;
    });
  }
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

function transactionOf(wire: Wire, limitMs: number): Tx {
  const { client } = wire;
  return {
    async query<R extends unknown[]>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
      return (await wire.ask<R>(sql, params)).rows;
    },
    async execute(sql, params = []) {
      return (await wire.ask(sql, params)).rowCount ?? 0;
    },
    async copyIn(sql, chunks) {
      const stream = client.query(copyFrom(sql));
      const signal = AbortSignal.timeout(limitMs);
      try {
        await pipeline(Readable.from(chunks, { objectMode: true }), stream, { signal });
      } catch (error) {
        // An error with an SQLSTATE is the server's answer, after which it takes statements again.
        wire.isBroken = !(error instanceof pg.DatabaseError);
        throw error;
      }
      return stream.rowCount;
    },
    async *copyOut(sql) {
      const stream = client.query(copyTo(sql));
      const limit = setTimeout(
        () => stream.destroy(new Error(`copy gave no end within ${limitMs} ms`)),
        limitMs,
      );
      wire.isBroken = true;
      try {
        for await (const chunk of stream) yield chunk as Buffer;
        wire.isBroken = false;
      } catch (error) {
        wire.isBroken = !(error instanceof pg.DatabaseError);
        throw error;
      } finally {
        clearTimeout(limit);
      }
    },
  };
}

function expire(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeoutMs).unref());
}
