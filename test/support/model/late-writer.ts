/** A loader that commits while a run is at work: between what the run reads and what it commits. */
import type { Database, Tx } from '../../../src/storage/session/database.js';
import type { LateWrite } from './operations.js';
import { writeChange } from './source-changes.js';

export interface LateWriter {
  /** The database for the run: after its n-th statement the write is committed. */
  database: Database;
  /** Commits the write if the run ended before its statement; returns how many rows it wrote. */
  finish(): Promise<number>;
}

/** Starts a writer of its own connection beside a run on `database`. */
export async function startLateWriter(
  database: Database,
  source: string,
  late: LateWrite,
): Promise<LateWriter> {
  let commit = () => {};
  let written: Promise<number> | null = null;
  const mayCommit = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const write = (wait: Promise<void> | null, hasWritten: () => void): Promise<number> =>
    database.transaction(async (tx) => {
      const rows = await writeChange(tx, source, late);
      hasWritten();
      await wait;
      return rows;
    });
  if (late.isOpenBefore) {
    await new Promise<void>((resolve, reject) => {
      written = write(mayCommit, resolve);
      written.catch(reject);
    });
  }
  const finish = (): Promise<number> => {
    commit();
    written ??= write(null, () => {});
    return written;
  };
  return { database: afterStatement(database, late.statement, finish), finish };
}

/** The same database; `act` is awaited once, after its n-th statement. */
function afterStatement(database: Database, statement: number, act: () => Promise<unknown>): Database {
  let count = 0;
  const pass = async <T>(running: Promise<T>): Promise<T> => {
    const result = await running;
    count += 1;
    if (count === statement) await act();
    return result;
  };
  const watched = (tx: Tx): Tx => ({
    ...tx,
    query<R extends unknown[]>(sql: string, params?: readonly unknown[]): Promise<R[]> {
      return pass(tx.query<R>(sql, params));
    },
    execute: (sql, params) => pass(tx.execute(sql, params)),
    copyIn: (sql, chunks) => pass(tx.copyIn(sql, chunks)),
  });
  return {
    ...database,
    transaction: (work, options) => database.transaction((tx) => work(watched(tx)), options),
    read: (work) => database.read((tx) => work(watched(tx))),
  };
}
