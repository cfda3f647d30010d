/** Stored series as the validation reads them, and the findings that it leaves. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { StoredSeries } from '../../domain/validation/validate-asset.js';
import type { EmaWatermark, StoredPoint, StoredValues } from '../../domain/validation/validate-emas.js';
import type { StoredBar, StoredDays, Violation } from '../../domain/validation/validation.js';
import { idList, readRows } from '../copy/copy.js';
import { seriesKey } from '../series/series.js';
import type { Tx } from '../session/database.js';

/** A NULL in an array, which no constraint refuses, is read as NaN. */
const VALUES = ['ema', 'ema_bar']
  .map((column) => `array_replace(${column}, null::float8, 'NaN'::float8)`)
  .join(', ');

/** Reads all of one asset, in the snapshot of the open transaction. */
export async function readStoredSeries(tx: Tx, id: number): Promise<StoredSeries> {
  return {
    days: await readStoredDays(tx, id),
    bars: await readStoredBars(tx, id),
    barDays: await readStoredBarDays(tx, id),
    points: await readPoints(tx, id),
    carries: await readCarries(tx, id),
    watermarks: await readWatermarks(tx, id),
    lags: await readLags(tx, id),
  };
}

/** COPY takes no parameters; idList lets nothing but integers into its text. */
const isOf = (id: number): string => `id = any(${idList([id])})`;

async function readStoredDays(tx: Tx, id: number): Promise<StoredDays> {
  const rows = await readRows(
    tx,
    {
      select: `select bar_seq, timestamp::date, time_close, close from cmc_price_bars_1d where ${isOf(id)} order by bar_seq`,
      types: ['int4', 'date', 'timestamptz', 'float8'],
    },
    (cells) => cells as [number, Day, number, number],
  );
  return {
    length: rows.length,
    barSeq: Int32Array.from(rows, ([barSeq]) => barSeq),
    day: Int32Array.from(rows, ([, day]) => day),
    timeCloseUs: Float64Array.from(rows, ([, , timeCloseUs]) => timeCloseUs),
    close: Float64Array.from(rows, ([, , , close]) => close),
  };
}

async function readStoredBars(tx: Tx, id: number): Promise<Map<string, StoredBar[]>> {
  const bars = new Map<string, StoredBar[]>();
  await readRows(
    tx,
    {
      select: `select alignment, tf, bar_seq, first_day, last_day, time_close, close from price_bars
     where ${isOf(id)} order by alignment, tf, bar_seq`,
      types: ['text', 'text', 'int4', 'date', 'date', 'timestamptz', 'float8'],
    },
    ([alignment, tf, barSeq, firstDay, lastDay, timeCloseUs, close]) => {
      const bar = { barSeq, firstDay, lastDay, timeCloseUs, close } as StoredBar;
      addRow(bars, seriesKey({ alignment: alignment as Alignment, tf: tf as string }), bar);
    },
  );
  return bars;
}

async function readStoredBarDays(tx: Tx, id: number): Promise<Map<string, Day>> {
  const rows = await tx.query<[string, string, Day]>(
    `select alignment::text, tf, watermark_day from price_bars_state where id = $1`,
    [id],
  );
  return new Map(rows.map(([alignment, tf, day]) => [`${alignment} ${tf}`, day]));
}

async function readPoints(tx: Tx, id: number): Promise<Map<string, StoredPoint[]>> {
  const points = new Map<string, StoredPoint[]>();
  await readRows(
    tx,
    {
      select: `select alignment, tf, bar_seq, day, ${VALUES} from ema_points
     where ${isOf(id)} order by alignment, tf, bar_seq`,
      types: ['text', 'text', 'int4', 'date', 'float8[]', 'float8[]'],
    },
    ([alignment, tf, barSeq, day, ema, emaBar]) =>
      addRow(points, `${alignment} ${tf}`, { barSeq, day, ema, emaBar } as StoredPoint),
  );
  return points;
}

async function readCarries(tx: Tx, id: number): Promise<Map<string, StoredValues>> {
  const carries = new Map<string, StoredValues>();
  await readRows(
    tx,
    {
      select: `select alignment, tf, ${VALUES} from ema_state where ${isOf(id)}`,
      types: ['text', 'text', 'float8[]', 'float8[]'],
    },
    ([alignment, tf, ema, emaBar]) => carries.set(`${alignment} ${tf}`, { ema, emaBar } as StoredValues),
  );
  return carries;
}

async function readWatermarks(tx: Tx, id: number): Promise<Map<string, EmaWatermark>> {
  const rows = await tx.query<[string, Day, number, Day | null, number[]]>(
    `select alignment::text, watermark_day, watermark_ts, repair_from, periods
     from ema_asset_state where id = $1`,
    [id],
  );
  return new Map(
    rows.map(([alignment, day, tsUs, repairFrom, periods]) => [
      alignment,
      { day, tsUs, repairFrom, periods },
    ]),
  );
}

async function readLags(tx: Tx, id: number): Promise<StoredSeries['lags']> {
  const rows = await tx.query<[string, string, Day, number]>(
    `select alignment::text, tf, watermark_day, watermark_ts from ema_series_lag where id = $1`,
    [id],
  );
  return new Map(rows.map(([alignment, tf, day, tsUs]) => [`${alignment} ${tf}`, { day, tsUs }]));
}

function addRow<T>(rows: Map<string, T[]>, key: string, row: T): void {
  const found = rows.get(key);
  if (found === undefined) rows.set(key, [row]);
  else found.push(row);
}

/**
 * Makes the findings of one asset those that are given: what is not found any more goes, what was found before keeps its
 * found_at. Equal findings are not written. Returns how many rows were written or deleted.
 */
export async function upsertFindings(tx: Tx, id: number, found: readonly Violation[]): Promise<number> {
  const column = (get: (violation: Violation) => unknown) => found.map(get);
  const params = [
    id,
    column(({ alignment }) => alignment),
    column(({ tf }) => tf),
    column(({ period }) => period),
    column(({ tsUs }) => tsUs),
    column(({ violation }) => violation),
    column(({ barSeq }) => barSeq),
    column(({ detail }) => detail),
  ];
  const rows = `select distinct on (alignment, tf, period, ts, violation) alignment, tf, period, ts, violation, bar_seq, detail
    from unnest($2::bar_alignment[], $3::text[], $4::int[], $5::float8[], $6::text[], $7::int[], $8::text[])
      as u (alignment, tf, period, ts_us, violation, bar_seq, detail),
      lateral (select to_timestamp(ts_us / 1e6) as ts) t
    order by alignment, tf, period, ts, violation, bar_seq`;
  const deleted = await tx.execute(
    `with found as (${rows})
     delete from ema_rejects r where r.id = $1 and not exists (
       select from found f where (f.alignment, f.tf, f.period, f.ts, f.violation)
         = (r.alignment, r.tf, r.period, r.ts, r.violation))`,
    params,
  );
  const written = await tx.execute(
    `insert into ema_rejects as r (id, alignment, tf, period, ts, violation, bar_seq, detail)
     select $1::int, * from (${rows}) found
     on conflict (id, alignment, tf, period, ts, violation) do update
       set bar_seq = excluded.bar_seq, detail = excluded.detail
       where (r.bar_seq, r.detail) is distinct from (excluded.bar_seq, excluded.detail)`,
    params,
  );
  return deleted + written;
}
