/** A connection while a transaction is open on it, and what can be asked of it. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { LockWatch } from './lock-watch.js';
import { awaitAnswer } from './timeouts.js';
import type { Tx } from './tx.js';

/** A connection for the time of one transaction. */
export class Wire {
  /** It cannot take another statement: a COPY was left in the middle, or there was no answer. */
  isBroken = false;
  readonly client: pg.PoolClient;
  readonly #limitMs: number;
  readonly #interrupt: AbortSignal | undefined;
  readonly #locks: LockWatch;

  /** After `interrupt` no statement is begun but the rollback. */
  constructor(
    client: pg.PoolClient,
    { limitMs, interrupt, locks }: { limitMs: number; interrupt: AbortSignal | undefined; locks: LockWatch },
  ) {
    this.client = client;
    this.#limitMs = limitMs;
    this.#interrupt = interrupt;
    this.#locks = locks;
  }

  /**
   * A statement with a bound of its own. (As a setting of the pool the bound would cover COPY streams too, which never
   * let pg know that they are done: its timer would outlive them.)
   */
  async ask<R extends unknown[]>(text: string, params?: readonly unknown[]): Promise<pg.QueryArrayResult<R>> {
    this.#interrupt?.throwIfAborted();
    const waited = this.watch(text);
    return this.#send<R>(text, params).finally(waited);
  }

  rollback(): Promise<unknown> {
    return this.#send('rollback');
  }

  #send<R extends unknown[]>(text: string, params?: readonly unknown[]): Promise<pg.QueryArrayResult<R>> {
    const values = params === undefined ? {} : { values: [...params] };
    const answer = this.client.query<R>({ text, ...values, rowMode: 'array' });
    return awaitAnswer(answer, this.#limitMs, () => {
      this.isBroken = true;
    });
  }

  /** Looks who is in the way of a statement while it waits for a lock, until the returned function is called. */
  watch(text: string): () => void {
    return this.#locks.begin(text);
  }
}

/** The transaction as the rest sees it. */
export function transactionOf(wire: Wire, limitMs: number): Tx {
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
      const waited = wire.watch(sql);
      try {
        await pipeline(Readable.from(chunks, { objectMode: true }), stream, { signal });
      } catch (error) {
        // An error with an SQLSTATE is the server's answer, after which it takes statements again.
        wire.isBroken = !(error instanceof pg.DatabaseError);
        throw error;
      } finally {
        waited();
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
