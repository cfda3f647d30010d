/** 1D bars, their state and their rejects. */

import type { Day } from '../../domain/calendar/day.js';
import type { DailyBar } from '../../domain/prices/daily-bar.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import { allocateDays, type DayColumns } from '../../domain/prices/days.js';
import type { PriceReject } from '../../domain/prices/price.js';
import { numberOfHash } from '../../domain/source/fingerprint.js';
import { type ColumnType, type CopyColumn, readRows, writeRows } from '../copy/copy.js';
import type { TableShape } from '../copy/differences.js';
import { formOf } from '../prices/fingerprint.js';
import type { Tx } from '../session/database.js';

export interface DailyBarRow {
  id: number;
  bar: DailyBar;
}

export interface RejectRow {
  id: number;
  reject: PriceReject;
}

/** State of one asset after a run, with what the run did. */
export interface DailyStateRow extends DailyState {
  id: number;
  upserted: number;
  repairedTimeHigh: number;
  repairedTimeLow: number;
  rejected: number;
}

const DAILY_COLUMNS: readonly CopyColumn<DailyBarRow>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'bar_seq', type: 'int4', get: ({ bar }) => bar.barSeq },
  { name: 'timestamp', type: 'timestamptz', get: ({ bar }) => bar.timestampUs },
  { name: 'time_open', type: 'timestamptz', get: ({ bar }) => bar.timeOpenUs },
  { name: 'time_close', type: 'timestamptz', get: ({ bar }) => bar.timeCloseUs },
  { name: 'time_high', type: 'timestamptz', get: ({ bar }) => bar.timeHighUs },
  { name: 'time_low', type: 'timestamptz', get: ({ bar }) => bar.timeLowUs },
  { name: 'open', type: 'float8', get: ({ bar }) => bar.open },
  { name: 'high', type: 'float8', get: ({ bar }) => bar.high },
  { name: 'low', type: 'float8', get: ({ bar }) => bar.low },
  { name: 'close', type: 'float8', get: ({ bar }) => bar.close },
  { name: 'volume', type: 'float8', get: ({ bar }) => bar.volume },
  { name: 'market_cap', type: 'float8', get: ({ bar }) => bar.marketCap },
  { name: 'src_load_ts', type: 'timestamptz', get: ({ bar }) => bar.srcLoadTsUs },
  { name: 'repaired_timehigh', type: 'bool', get: ({ bar }) => bar.repairedTimeHigh },
  { name: 'repaired_timelow', type: 'bool', get: ({ bar }) => bar.repairedTimeLow },
  { name: 'repaired_high', type: 'bool', get: ({ bar }) => bar.repairedHigh },
  { name: 'repaired_low', type: 'bool', get: ({ bar }) => bar.repairedLow },
  { name: 'src_name', type: 'text', get: ({ bar }) => bar.srcName },
  { name: 'src_file', type: 'text', get: ({ bar }) => bar.srcFile },
];

const REJECT_COLUMNS: readonly CopyColumn<RejectRow>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'timestamp', type: 'timestamptz', get: ({ reject }) => reject.timestampUs },
  { name: 'reason', type: 'text', get: ({ reject }) => reject.reason },
  { name: 'action', type: 'text', get: ({ reject }) => reject.action },
  { name: 'time_open', type: 'timestamptz', get: ({ reject }) => reject.price.timeOpenUs },
  { name: 'time_close', type: 'timestamptz', get: ({ reject }) => reject.price.timeCloseUs },
  { name: 'time_high', type: 'timestamptz', get: ({ reject }) => reject.price.timeHighUs },
  { name: 'time_low', type: 'timestamptz', get: ({ reject }) => reject.price.timeLowUs },
  { name: 'open', type: 'float8', get: ({ reject }) => reject.price.open },
  { name: 'high', type: 'float8', get: ({ reject }) => reject.price.high },
  { name: 'low', type: 'float8', get: ({ reject }) => reject.price.low },
  { name: 'close', type: 'float8', get: ({ reject }) => reject.price.close },
  { name: 'volume', type: 'float8', get: ({ reject }) => reject.price.volume },
  { name: 'market_cap', type: 'float8', get: ({ reject }) => reject.price.marketCap },
  { name: 'src_name', type: 'text', get: ({ reject }) => reject.price.name },
  { name: 'src_file', type: 'text', get: ({ reject }) => reject.price.sourceFile },
];

/** 1D bars, for comparison. */
export const DAILY_SHAPE: TableShape<DailyBarRow> = {
  table: 'cmc_price_bars_1d',
  columns: DAILY_COLUMNS,
  keyTypes: ['int', 'int'],
};

/** Rejects and repairs, for comparison. */
export const REJECT_SHAPE: TableShape<RejectRow> = {
  table: 'price_rejects',
  columns: REJECT_COLUMNS,
  keyTypes: ['int', 'timestamptz', 'text'],
};

/** Appends 1D bars; returns how many the database took. */
export function writeDailyBars(tx: Tx, rows: Iterable<DailyBarRow>): Promise<number> {
  return writeRows(tx, { table: 'cmc_price_bars_1d', columns: DAILY_COLUMNS }, rows);
}

/** Appends rejects and repairs; returns how many the database took. */
export function writeRejects(tx: Tx, rows: Iterable<RejectRow>): Promise<number> {
  return writeRows(tx, { table: 'price_rejects', columns: REJECT_COLUMNS }, rows);
}

/** Inserts or replaces the states of these assets, in one statement; returns how many rows the database wrote. */
export function upsertDailyStates(tx: Tx, rows: readonly DailyStateRow[]): Promise<number> {
  const column = (get: (row: DailyStateRow) => unknown) => rows.map(get);
  return tx.execute(
    `insert into cmc_price_bars_1d_state as s (id, last_src_ts, daily_min_seen, last_run_ts, last_upserted,
       last_repaired_timehigh, last_repaired_timelow, last_rejected, first_day, last_day, bar_seq, src_rows, src_hash,
       source, splits, rules, src_form)
     select id, to_timestamp(0) + last_src_us * interval '1 microsecond',
       to_timestamp(0) + min_seen_us * interval '1 microsecond', now(), upserted, repaired_timehigh, repaired_timelow,
       rejected, date '1970-01-01' + first_day, date '1970-01-01' + last_day, bar_seq, src_rows, src_hash,
       source, splits, rules, src_form
     from unnest($1::int[], $2::bigint[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[],
       $9::int[], $10::int[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::int[], $16::int[])
       as n (id, last_src_us, min_seen_us, upserted, repaired_timehigh, repaired_timelow, rejected, first_day,
         last_day, bar_seq, src_rows, src_hash, source, splits, rules, src_form)
     on conflict (id) do update set (last_src_ts, daily_min_seen, last_run_ts, last_upserted, last_repaired_timehigh,
         last_repaired_timelow, last_rejected, first_day, last_day, bar_seq, src_rows, src_hash,
         source, splits, rules, src_form)
       = (excluded.last_src_ts, excluded.daily_min_seen, excluded.last_run_ts, excluded.last_upserted,
         excluded.last_repaired_timehigh, excluded.last_repaired_timelow, excluded.last_rejected, excluded.first_day,
         excluded.last_day, excluded.bar_seq, excluded.src_rows, excluded.src_hash, excluded.source,
         excluded.splits, excluded.rules, excluded.src_form)`,
    [
      column((row) => row.id),
      column((row) => row.lastSrcUs),
      column((row) => row.dailyMinSeenUs),
      column((row) => row.upserted),
      column((row) => row.repairedTimeHigh),
      column((row) => row.repairedTimeLow),
      column((row) => row.rejected),
      column((row) => row.firstDay),
      column((row) => row.lastDay),
      column((row) => row.barSeq),
      column((row) => row.srcRows),
      column((row) => numberOfHash(row.srcHash)),
      column((row) => row.source),
      column((row) => row.splits),
      column((row) => row.rules),
      column((row) => formOf(row.srcHash)),
    ],
  );
}

/** Deletes the states of assets that have no source row any more; returns how many there were. */
export function deleteDailyStates(tx: Tx, ids: readonly number[]): Promise<number> {
  return tx.execute('delete from cmc_price_bars_1d_state where id = any($1)', [ids]);
}

/** Deletes the 1D bars, rejects and states of these assets. */
export async function deleteDailyBars(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.execute('delete from cmc_price_bars_1d where id = any($1)', [ids]);
  await tx.execute('delete from price_rejects where id = any($1)', [ids]);
  await tx.execute('delete from cmc_price_bars_1d_state where id = any($1)', [ids]);
}

/** Which days of an asset are wanted: those after `afterDay`, all of them when it is null. */
export interface DaysWanted {
  id: number;
  afterDay: Day | null;
}

const NUMBER_FIELDS = [
  'timestampUs',
  'timeOpenUs',
  'timeCloseUs',
  'timeHighUs',
  'timeLowUs',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'marketCap',
] as const satisfies readonly (keyof DayColumns)[];
const DAY_TYPES: readonly ColumnType[] = [
  'int4',
  'int4',
  'date',
  'date',
  ...(['timestamptz', 'timestamptz', 'timestamptz', 'timestamptz', 'timestamptz'] as const),
  ...(['float8', 'float8', 'float8', 'float8', 'float8', 'float8'] as const),
];

/** 1D bars as columns, by asset; an asset without such days has no entry. */
export async function readDays(tx: Tx, wanted: readonly DaysWanted[]): Promise<Map<number, DayColumns>> {
  const days = new Map<number, DayColumns>();
  if (wanted.length === 0) return days;
  const after = wanted.map(({ id, afterDay }) => {
    const day = afterDay === null ? `'-infinity'::date` : `date '1970-01-01' + ${integer(afterDay)}`;
    return `(${integer(id)}, ${day})`;
  });
  const rowsById = new Map<number, unknown[][]>();
  await readRows(
    tx,
    {
      select: `select b.id, b.bar_seq, s.first_day, b.timestamp::date, b.timestamp, b.time_open, b.time_close, b.time_high,
       b.time_low, b.open, b.high, b.low, b.close, b.volume, b.market_cap
     from (values ${after.join(', ')}) w (id, after_day)
     join cmc_price_bars_1d_state s on s.id = w.id
     cross join lateral (
       select * from cmc_price_bars_1d d where d.id = w.id and d.timestamp >= (w.after_day + 1)::timestamptz offset 0) b
     order by b.id, b.bar_seq`,
      types: DAY_TYPES,
    },
    (cells) => {
      const id = cells[0] as number;
      const rows = rowsById.get(id);
      if (rows === undefined) rowsById.set(id, [cells]);
      else rows.push(cells);
    },
  );
  for (const [id, rows] of rowsById) days.set(id, columnsOfCells(rows));
  return days;
}

function columnsOfCells(rows: readonly unknown[][]): DayColumns {
  const [first] = rows;
  const days = allocateDays(rows.length, first?.[1] as number, first?.[2] as Day);
  for (const [index, cells] of rows.entries()) {
    days.day[index] = cells[3] as number;
    for (const [offset, field] of NUMBER_FIELDS.entries()) {
      days[field][index] = (cells[4 + offset] as number | null) ?? Number.NaN;
    }
  }
  return days;
}

/** COPY takes no parameters: only checked integers go into its text. */
function integer(value: number): number {
  if (!Number.isInteger(value)) throw new Error(`${value} is not an integer`);
  return value;
}
