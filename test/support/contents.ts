/** Everything that a database holds, small enough to compare: what the rows say, and which row versions they are. */
import { expect } from 'vitest';
import { type Database, quoteIdentifier } from '../../src/storage/session/database.js';
import { expectExit, type Warehouse } from './warehouse.js';

/** Number of rows and a hash, by table. */
export type Fingerprints = Record<string, { rows: number; hash: string }>;

/** Says when, how often and from where something was done, not what is true of the market. */
const BOOKKEEPING = [
  'last_run_ts',
  'last_upserted',
  'last_repaired_timehigh',
  'last_repaired_timelow',
  'last_rejected',
  'source',
  // Of findings: when they were found, named and accepted, and how far was judged.
  ...['found_at', 'named_at', 'accepted_at', 'is_old', 'plausible_seq'],
];
/** Given from outside, records of runs, or bases, which are of days on which there were runs: nothing that a rebuild has to come to. */
const NOT_COMPUTED =
  /^(daily_base$|bar_base$|ema_base$|barwright_|dim_|cmc_price_histories7$|price_change$|refresh_|asset_quarantine$|asset_proof$|asset_calendar$|_template)/;
const RUN_RECORDS = /^(refresh_|asset_quarantine$|asset_proof$|asset_calendar$)/;

interface Scope {
  /** Only rows of these assets; null means all rows. */
  ids?: readonly number[] | null;
}

/** What the computed tables say, bookkeeping aside: equal before and after means that not one bit has changed. */
export function readContents(database: Database, { ids = null }: Scope = {}): Promise<Fingerprints> {
  const row = `(to_jsonb(t) - '{${BOOKKEEPING.join(',')}}'::text[])::text`;
  return readFingerprints(database, { row, ids, isWanted: (table) => !NOT_COMPUTED.test(table) });
}

/** Which row versions the tables hold, records of runs aside: a row that was written again, even alike, is another. */
export function readVersions(database: Database, { ids = null }: Scope = {}): Promise<Fingerprints> {
  const row = `t.ctid::text || ' ' || t.xmin::text`;
  return readFingerprints(database, { row, ids, isWanted: (table) => !RUN_RECORDS.test(table) });
}

/** Everything, records of runs included: nothing at all was written. */
export function readEverything(database: Database): Promise<Fingerprints> {
  return readFingerprints(database, {
    row: `t.ctid::text || ' ' || t.xmin::text`,
    ids: null,
    isWanted: () => true,
  });
}

/** What everything says, also records of runs and what was given from outside; only the lease is left out. */
export function readRecords(database: Database): Promise<Fingerprints> {
  const isWanted = (table: string) => !/^(barwright_|refresh_lease$)/.test(table);
  return readFingerprints(database, { row: 'to_jsonb(t)::text', ids: null, isWanted });
}

interface Asked {
  /** SQL text of what is hashed of a row t. */
  row: string;
  ids: readonly number[] | null;
  isWanted: (table: string) => boolean;
}

function readFingerprints(database: Database, { row, ids, isWanted }: Asked): Promise<Fingerprints> {
  return database.read(async (tx) => {
    const tables = await tx.query<[string, boolean]>(
      `select c.relname, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id')
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = current_schema() and c.relkind = 'r' order by 1`,
    );
    const found: Fingerprints = {};
    for (const [table, hasId] of tables) {
      if (!isWanted(table) || (ids !== null && !hasId)) continue;
      const rows = await tx.query<[number, string]>(
        `select count(*), md5(coalesce(string_agg(row, e'\\n' order by row collate "C"), ''))
         from (select ${row} as row from ${quoteIdentifier(table)} t
               ${ids === null ? '' : 'where t.id = any($1)'}) q`,
        ids === null ? [] : [ids],
      );
      const [count, hash] = rows[0] ?? [0, ''];
      found[table] = { rows: count, hash };
    }
    return found;
  });
}

/** Empties every computed table, builds all of it again, and expects exactly what was there. */
export async function expectFreshBuild(warehouse: Warehouse, args: readonly string[] = []): Promise<void> {
  const { database } = warehouse;
  const before = await readContents(database);
  expect(before.price_bars?.rows).toBeGreaterThan(0);
  expect(before.ema_points?.rows).toBeGreaterThan(0);
  await warehouse.execute(`truncate ${Object.keys(before).map(quoteIdentifier).join(', ')}`);
  await expectExit(0, warehouse.run(['refresh', '--all', ...args]));
  expect(await readContents(database)).toEqual(before);
}
