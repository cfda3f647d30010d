/** Stops a run in the middle of its work: it waits for a table that a test holds. */
import type { Database } from '../../src/storage/session/database.js';
import { waitFor } from './processes.js';

/** Keeps writers out of a table, or readers too, until the returned function is called. */
export async function holdTable(
  database: Database,
  table: string,
  mode: 'share' | 'access exclusive' = 'share',
): Promise<() => Promise<void>> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let holding = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    holding = database.transaction(async (tx) => {
      await tx.execute(`lock table ${table} in ${mode} mode`);
      resolve();
      await released;
    });
    holding.catch(reject);
  });
  return () => {
    release();
    return holding;
  };
}

/** Waits until somebody, or so many, wait for a lock in this database. */
export async function waitForWaiter(database: Database, count = 1): Promise<void> {
  await waitFor(
    `${count === 1 ? 'a statement that waits' : `${count} statements that wait`} for a lock`,
    async () => ((await countWaiters(database)) < count ? null : true),
  );
}

/** Waits until nobody waits for a lock in this database any more. */
export async function waitForNoWaiter(database: Database): Promise<void> {
  await waitFor('the end of all statements that wait for a lock', async () =>
    (await countWaiters(database)) === 0 ? true : null,
  );
}

/** pg_locks is about all databases of the server, which other tests use too. */
async function countWaiters(database: Database): Promise<number> {
  const rows = await database.read((tx) =>
    tx.query<[number]>(
      `select count(*) from pg_stat_activity
       where datname = current_database() and pid in (select pid from pg_locks where not granted)`,
    ),
  );
  return rows[0]?.[0] ?? 0;
}

/** Waits until nobody but the asker is connected to this database any more. */
export async function waitForSilence(database: Database): Promise<void> {
  await waitFor('the end of all other connections', async () => {
    const rows = await database.read((tx) =>
      tx.query<[number]>(
        `select count(*) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
      ),
    );
    return rows[0]?.[0] === 0 ? true : null;
  });
}

/** Holds one asset: a run that builds its bars for the first time waits for a row that is never committed. */
export async function holdAsset(database: Database, id: number): Promise<() => Promise<void>> {
  const undo = new Error('taken back on purpose');
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let holding = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    holding = database
      .transaction(async (tx) => {
        await tx.execute('insert into cmc_price_bars_1d_state (id) values ($1)', [id]);
        resolve();
        await released;
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) reject(error);
      });
  });
  return () => {
    release();
    return holding;
  };
}
