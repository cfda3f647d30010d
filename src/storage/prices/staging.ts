import type { Day } from '../../domain/calendar/day.js';
import { UsageError } from '../../domain/text/errors.js';
import { storedName } from '../../domain/text/printable.js';
import { type CopyColumn, writeRows } from '../copy/copy.js';
import type { Tx } from '../session/database.js';

/** One row on its way into cmc_price_histories7; `line` orders rows of the same id and timestamp. */
export interface StagedPrice {
  id: number;
  line: number;
  name: string | null;
  timeOpenUs: number | null;
  timeCloseUs: number | null;
  timeHighUs: number | null;
  timeLowUs: number | null;
  timestampUs: number;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number | null;
  volume: number | null;
  marketCap: number | null;
  circulatingSupply: number | null;
}

const VALUE_COLUMNS: readonly CopyColumn<StagedPrice>[] = [
  { name: 'name', type: 'text', get: ({ name }) => storedName(name) },
  { name: 'timeopen', type: 'timestamptz', get: (row) => row.timeOpenUs },
  { name: 'timeclose', type: 'timestamptz', get: (row) => row.timeCloseUs },
  { name: 'timehigh', type: 'timestamptz', get: (row) => row.timeHighUs },
  { name: 'timelow', type: 'timestamptz', get: (row) => row.timeLowUs },
  { name: 'open', type: 'float8', get: (row) => row.open },
  { name: 'high', type: 'float8', get: (row) => row.high },
  { name: 'low', type: 'float8', get: (row) => row.low },
  { name: 'close', type: 'float8', get: (row) => row.close },
  { name: 'volume', type: 'float8', get: (row) => row.volume },
  { name: 'marketcap', type: 'float8', get: (row) => row.marketCap },
  { name: 'circulatingsupply', type: 'float8', get: (row) => row.circulatingSupply },
];

const STAGE_COLUMNS: readonly CopyColumn<StagedPrice>[] = [
  { name: 'id', type: 'int4', get: (row) => row.id },
  { name: 'line', type: 'int8', get: (row) => row.line },
  { name: 'timestamp', type: 'timestamptz', get: (row) => row.timestampUs },
  ...VALUE_COLUMNS,
];

/**
 * Appends rows to the transaction's own staging table, which the first call makes and the end of the transaction drops.
 * Nothing is in cmc_price_histories7 before upsertStagedPrices. Returns the number of rows.
 */
export async function writeStagedPrices(tx: Tx, rows: Iterable<StagedPrice>): Promise<number> {
  await tx.execute(`create temp table if not exists staged_prices (
    id int, line bigint, timestamp timestamptz, name text, timeopen timestamptz, timeclose timestamptz,
    timehigh timestamptz, timelow timestamptz, open float8, high float8, low float8, close float8, volume float8,
    marketcap float8, circulatingsupply float8) on commit drop`);
  return writeRows(tx, { table: 'staged_prices', columns: STAGE_COLUMNS }, rows);
}

export interface StagedDuplicate {
  timestampUs: number;
  keptLine: number;
  droppedLine: number;
  /** Its prices or its volume are others than those of the line that is kept. */
  isOther: boolean;
}

/** Staged rows that lose to an earlier line of the same id and timestamp: how many, and the first `limit` of them, those with other values before those that are alike. */
export async function listStagedDuplicates(
  tx: Tx,
  limit: number,
): Promise<{ count: number; first: StagedDuplicate[] }> {
  const rows = await tx.query<[number, number, number, boolean, number]>(
    `select timestamp, kept, line, is_other, count(*) over () from (
       select timestamp, line, first_value(line) over same as kept,
         row(open, high, low, close, volume) is distinct from
           row(first_value(open) over same, first_value(high) over same, first_value(low) over same,
             first_value(close) over same, first_value(volume) over same) as is_other
       from staged_prices window same as (partition by id, timestamp order by line)) as numbered
     where line > kept order by is_other desc, line limit $1`,
    [limit],
  );
  const first = rows.map(([timestampUs, keptLine, droppedLine, isOther]) => ({
    ...{ timestampUs, keptLine, droppedLine, isOther },
  }));
  return { count: rows[0]?.[4] ?? 0, first };
}

/** Staged days that have not begun by the database's clock; null: there is none. */
export async function readStagedFuture(
  tx: Tx,
): Promise<{ days: number; firstDay: Day; lastDay: Day } | null> {
  const rows = await tx.query<[number, Day | null, Day | null]>(
    `select count(distinct day), min(day), max(day)
     from (select (timestamp at time zone 'UTC')::date as day from staged_prices) s
     where day > (now() at time zone 'UTC')::date`,
  );
  const [days, firstDay, lastDay] = rows[0] ?? [0, null, null];
  return firstDay === null || lastDay === null ? null : { days, firstDay, lastDay };
}

/** A column that not every source speaks of. */
export type AbsentColumn = 'name' | 'timehigh' | 'timelow' | 'volume' | 'marketcap' | 'circulatingsupply';

export interface UpsertPriceOptions {
  /** What the written rows will name as their origin. */
  sourceFile: string;
  /** Columns of which the source says nothing: stored values stay, and only new rows take what is staged. */
  absent: readonly AbsentColumn[];
}

export interface PriceUpsert {
  newRows: number;
  changedRows: number;
  unchangedRows: number;
  earliestChangedDay: Day | null;
  /** Changed rows by the file that they had come from, this one left out. */
  replaced: { sourceFile: string | null; rows: number }[];
}

/** A stored row `p` that was loaded before its day was over, which it is now: loading it again confirms it, even with equal values. */
const PROVISIONAL = `(p.load_ts <= greatest(p.timestamp, p.timeclose) and now() > greatest(p.timestamp, p.timeclose))`;

/**
 * Moves the staged rows into cmc_price_histories7 in one statement. A row is written only if it is new or a value
 * differs (source_file and load_ts alone do not count), or if it was provisional and its day is over now: then load_ts moves; of several staged rows of one key the lowest line wins.
 */
export async function upsertStagedPrices(tx: Tx, options: UpsertPriceOptions): Promise<PriceUpsert> {
  await tx.execute('analyze staged_prices');
  const names = VALUE_COLUMNS.map((column) => column.name);
  const absent: readonly string[] = options.absent;
  const given = names.filter((name) => !absent.includes(name));
  const list = (prefix: string, columns: readonly string[]) =>
    columns.map((name) => prefix + name).join(', ');
  // Equal rows are left out before the insert: "on conflict do update … where" would lock them, which is a write.
  // Its own comparison is for rows that somebody else commits meanwhile.
  const results = await tx.query<[number, number, number, Day | null, [string | null, number][]]>(
    `with chosen as materialized (
       select distinct on (id, timestamp) * from staged_prices order by id, timestamp, line
     ), differing as materialized (
       select c.*, p.id is not null as is_stored, p.source_file as old_file,
         p.id is null or (${list('p.', given)}) is distinct from (${list('c.', given)}) as is_other
       from chosen as c left join cmc_price_histories7 as p on p.id = c.id and p.timestamp = c.timestamp
       where p.id is null or (${list('p.', given)}) is distinct from (${list('c.', given)}) or ${PROVISIONAL}
     ), written as (
       insert into cmc_price_histories7 as p (id, timestamp, ${list('', names)}, source_file, load_ts)
       select id, timestamp, ${list('', names)}, $1, now() from differing order by id, timestamp
       on conflict (id, timestamp) do update set
         ${given.map((name) => `${name} = excluded.${name}`).join(', ')},
         source_file = excluded.source_file, load_ts = excluded.load_ts
       where (${list('p.', given)}) is distinct from (${list('excluded.', given)}) or ${PROVISIONAL}
       returning timestamp, xmax = 0 as is_new  -- xmax is set on a row that the conflict arm has locked and changed
     ), replaced as (
       select old_file, count(*) as rows from differing
       where is_stored and is_other and old_file is distinct from $1 group by old_file
     )
     select count(*) filter (where is_new), count(*) filter (where not is_new) - (select count(*) from differing where not is_other), (select count(*) from chosen),
       min(timestamp) filter (where is_new or timestamp not in (select timestamp from differing where not is_other))::date,
       (select coalesce(jsonb_agg(jsonb_build_array(old_file, rows) order by old_file), '[]') from replaced)
     from written`,
    [options.sourceFile],
  );
  const [newRows, changedRows, rows, earliestChangedDay, replaced] = results[0] ?? [0, 0, 0, null, []];
  return {
    newRows,
    changedRows,
    unchangedRows: rows - newRows - changedRows,
    earliestChangedDay,
    replaced: replaced.map(([sourceFile, count]) => ({ sourceFile, rows: count })),
  };
}

/** How many rows an asset has, counted up to `limit`. */
export async function readRowCount(tx: Tx, id: number, limit: number): Promise<number> {
  const rows = await tx.query<[number]>(
    'select count(*) from (select from cmc_price_histories7 where id = $1 limit $2) as counted',
    [id, limit],
  );
  return rows[0]?.[0] ?? 0;
}

export interface StoredExtent {
  firstDay: Day | null;
  lastDay: Day | null;
  /** Days with at least one row, and calendar days between first and last without any. */
  days: number;
  gapDays: number;
  firstGaps: { firstDay: Day; lastDay: Day }[];
}

/** What is stored of an asset: its days, and the calendar days that are missing (the first `gapLimit` gaps by name). */
export async function readStoredExtent(tx: Tx, id: number, gapLimit: number): Promise<StoredExtent> {
  const extents = await tx.query<[Day | null, Day | null, number]>(
    `select min(timestamp)::date, max(timestamp)::date, count(distinct timestamp::date)
     from cmc_price_histories7 where id = $1 and isfinite(timestamp)`,
    [id],
  );
  const gaps = await tx.query<[Day, Day]>(
    `select day + 1, next_day - 1 from (
       select timestamp::date as day, lead(timestamp::date) over (order by timestamp) as next_day
       from cmc_price_histories7 where id = $1 and isfinite(timestamp)) as stored
     where next_day > day + 1 order by day limit $2`,
    [id, gapLimit],
  );
  const [firstDay, lastDay, days] = extents[0] ?? [null, null, 0];
  const gapDays = firstDay === null || lastDay === null ? 0 : lastDay - firstDay + 1 - days;
  const firstGaps = gaps.map(([first, last]) => ({ firstDay: first, lastDay: last }));
  return { firstDay, lastDay, days, gapDays, firstGaps };
}

/** sql/002 leaves this in the comment of the price table that it makes: structure alone does not say whose it is. */
/** In the comment of a price table that barwright made. */
export const OURS = 'made by barwright';

/**
 * Makes sure that cmc_price_histories7 is a table that prices may be put into; throws UsageError with what it is
 * instead. A user's own source is read and never written (design.md, data model).
 */
export async function checkPricesWritable(tx: Tx): Promise<void> {
  const rows = await tx.query<[string, boolean, boolean]>(
    `select c.relkind, coalesce(obj_description(c.oid, 'pg_class'), '') like '%' || $1 || '%',
       has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update')
         and has_table_privilege(c.oid, 'select')
     from pg_class c where c.oid = to_regclass('cmc_price_histories7')`,
    [OURS],
  );
  const found = rows[0];
  if (found === undefined) {
    throw new UsageError('there is no table cmc_price_histories7 in this schema: run "barwright init" first');
  }
  const [kind, isOurs, isAllowed] = found;
  const problem = KINDS[kind] ?? (isOurs ? null : 'is not a table that barwright made');
  if (problem === null && isAllowed) return;
  throw new UsageError(
    `cmc_price_histories7 ${problem ?? 'may not be written by this database user'}: it is read as it stands and never written. Load prices where it is filled from, or choose a schema of barwright's own with --schema`,
  );
}

const KINDS: Readonly<Record<string, string>> = {
  v: 'is a view, not a table that barwright made',
  m: 'is a materialized view, not a table that barwright made',
  f: 'is a foreign table, not a table that barwright made',
};
