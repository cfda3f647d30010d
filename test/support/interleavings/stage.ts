/** The asset on which traces are played, and what is said of it. */
import type { LeaseInfo } from '../../../src/storage/lease/lease.js';
import { type Database, openDatabase } from '../../../src/storage/session/database.js';
import { execute, runBars } from '../component-runs.js';
import type { TestDatabase } from '../database.js';
import { writePrices } from '../prices.js';

/** The only asset. */
export const ID = 1;
/** The n-th change of the source makes its newest close this plus n. */
export const CLOSE = 100;
const DAYS = 20;
/** Enough that a base lies before the newest day: a repair is one transaction then. */
const APPENDED = 16;

export interface Stage<Action> {
  database: Database;
  play(trace: readonly Action[]): Promise<void>;
  drop(): Promise<void>;
}

/** SQL: the n-th change. */
export function changeClose(version: number): string {
  return `update cmc_price_histories7 set close = ${CLOSE + version}, high = ${CLOSE + 50}, low = ${CLOSE - 50}
   where id = ${ID} and timestamp = (select max(timestamp) from cmc_price_histories7)`;
}

/** What a run says of itself. */
export function infoOf(run: string): LeaseInfo {
  return { run, command: 'refresh --bars', host: 'stage', pid: 1, startedAt: '2000-01-01T00:00:00Z' };
}

/** Makes the asset, day by day. */
export async function openStage<Action>(
  test: TestDatabase,
  play: (database: Database, trace: readonly Action[]) => Promise<void>,
): Promise<Stage<Action>> {
  // All actors, the one that looks, and what waits for a lock.
  const database = openDatabase(test.url, { maxConnections: 8 });
  await execute(
    database,
    `delete from dim_timeframe where not (alignment, tf) in (('multi_tf', '2D'), ('multi_tf', '3D'))`,
  );
  await writePrices(database, { ids: [ID], days: DAYS, endsDaysAgo: APPENDED + 1 });
  for (let ago = APPENDED; ago > 0; ago -= 1) {
    await runBars(database, { ids: [ID] });
    await writePrices(database, { ids: [ID], days: 1, endsDaysAgo: ago });
  }
  return {
    database,
    play: (trace) => play(database, trace),
    async drop() {
      await database.close();
      await test.drop();
    },
  };
}
