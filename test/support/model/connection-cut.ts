/** A connection that the server ends while a run is at work. */
import type { Database, Tx } from '../../../src/storage/session/database.js';

/** The same database; after its n-th statement the server ends the connection that sent it, once. */
export function cutAfterStatement(database: Database, statement: number): Database {
  let count = 0;
  const pass = async <T>(tx: Tx, running: Promise<T>): Promise<T> => {
    const result = await running;
    count += 1;
    if (count === statement) await endConnection(database, tx);
    return result;
  };
  const watched = (tx: Tx): Tx => ({
    ...tx,
    query<R extends unknown[]>(sql: string, params?: readonly unknown[]): Promise<R[]> {
      return pass(tx, tx.query<R>(sql, params));
    },
    execute: (sql, params) => pass(tx, tx.execute(sql, params)),
    copyIn: (sql, chunks) => pass(tx, tx.copyIn(sql, chunks)),
  });
  return {
    ...database,
    transaction: (work, options) => database.transaction((tx) => work(watched(tx)), options),
    read: (work) => database.read((tx) => work(watched(tx))),
  };
}

async function endConnection(database: Database, tx: Tx): Promise<void> {
  const [row] = await tx.query<[number]>('select pg_backend_pid()');
  // The second argument waits until it has ended.
  await database.read((other) => other.query('select pg_terminate_backend($1, 10000)', [row?.[0]]));
}
