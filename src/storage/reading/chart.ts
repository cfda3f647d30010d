/** What a chart of one asset shows: bars, EMAs and what happened on which day, as columns. */
import { calendarOfWeekdays, EVERY_DAY } from '../../domain/calendar/calendar.js';
import type { Day } from '../../domain/calendar/day.js';
import { type Gap, gapOf } from '../../domain/calendar/gaps.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Expectations } from '../../domain/source/expectation.js';
import { readCalendars } from '../calendars/calendars.js';
import type { Tx } from '../session/database.js';
import { readJsonRows } from '../session/json-rows.js';

/** One series; both days inclusive, null: no bound. */
export interface ChartScope {
  id: number;
  alignment: Alignment;
  tf: string;
  fromDay: Day | null;
  toDay: Day | null;
}

export type ChartBar = [
  barSeq: number,
  firstDay: Day,
  day: Day,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number | null,
  missingDays: number,
];

/** 1D bars, in the order of days. */
export function listDailyBars(tx: Tx, { id, fromDay, toDay }: ChartScope): Promise<ChartBar[]> {
  return tx.query<ChartBar>(
    `select bar_seq, timestamp::date, timestamp::date, open, high, low, close, volume, 0
     from cmc_price_bars_1d
     where id = $1
       and ($2::int is null or timestamp >= (date '1970-01-01' + $2::int)::timestamp at time zone 'UTC')
       and ($3::int is null or timestamp < (date '1970-01-01' + $3::int + 1)::timestamp at time zone 'UTC')
     order by bar_seq`,
    [id, fromDay, toDay],
  );
}

/** Day on which the last bars of a series begin to close, so many of them by `toDay`; null: it has fewer. */
export async function findNewest(
  tx: Tx,
  { id, alignment, tf, toDay }: ChartScope,
  bars: number,
): Promise<Day | null> {
  const [row] = await tx.query<[Day]>(
    tf === '1D'
      ? `select timestamp::date from cmc_price_bars_1d
         where id = $1 and ($2::int is null or timestamp < (date '1970-01-01' + $2::int + 1)::timestamp at time zone 'UTC')
         order by timestamp desc offset $3 limit 1`
      : `select last_day from price_bars
         where id = $1 and ($2::int is null or last_day <= date '1970-01-01' + $2::int)
           and alignment = $4::bar_alignment and tf = $5
         order by bar_seq desc offset $3 limit 1`,
    // Bars of v2 are those of multi_tf.
    [id, toDay, bars - 1, ...(tf === '1D' ? [] : [alignment === 'v2' ? 'multi_tf' : alignment, tf])],
  );
  return row?.[0] ?? null;
}

/** Bars that had closed by `toDay`, in the order of days. */
export function listClosedBars(
  tx: Tx,
  { id, alignment, tf, fromDay, toDay }: ChartScope,
): Promise<ChartBar[]> {
  return tx.query<ChartBar>(
    `select bar_seq, first_day, last_day, open, high, low, close, volume, count_missing_days
     from price_bars
     where id = $1 and alignment = $2::bar_alignment and tf = $3
       and ($4::int is null or last_day >= date '1970-01-01' + $4::int)
       and ($5::int is null or last_day <= date '1970-01-01' + $5::int)
     order by bar_seq`,
    [id, alignment, tf, fromDay, toDay],
  );
}

/** The bar that was open at the close of `toDay` (null: of the newest day), as it was known then; null: none was. */
export async function findOpenBar(
  tx: Tx,
  { id, alignment, tf, toDay }: ChartScope,
): Promise<ChartBar | null> {
  const rows = await tx.query<ChartBar>(
    `select b.bar_seq, b.time_open::date, n.day, b.open, b.high, b.low, b.close, b.volume, b.count_missing_days
     from price_bars_state s
     cross join lateral (
       select (p.timestamp at time zone 'UTC')::date as day from cmc_price_bars_1d p
       where p.id = $1 and p.timestamp <
         (least(s.watermark_day, date '1970-01-01' + $4::int) + 1)::timestamp at time zone 'UTC'
       order by p.timestamp desc limit 1) n
     cross join lateral bar_series($1, $3, n.day, n.day, $2) b
     where s.id = $1 and s.alignment = $2::bar_alignment and s.tf = $3 and b.is_partial_end`,
    [id, alignment, tf, toDay],
  );
  return rows[0] ?? null;
}

type ChartEma = [day: Day, isPreview: boolean, ema: number | null, emaBar: number | null];

/** Daily rows of one EMA series, in the order of days. */
export function listEmas(
  tx: Tx,
  { id, alignment, tf, fromDay, toDay }: ChartScope,
  period: number,
): Promise<ChartEma[]> {
  return tx.query<ChartEma>(
    `select (p.timestamp at time zone 'UTC')::date, s.roll, s.ema, s.ema_bar
     from ema_series($1, $3, $6, date '1970-01-01' + $4::int, date '1970-01-01' + $5::int, $2) s
     join cmc_price_bars_1d p on p.id = $1 and p.time_close = s.ts
     order by p.timestamp`,
    [id, alignment, tf, fromDay, toDay, period],
  );
}

/** Values of several EMAs of one day, in the order of the periods that were asked for. */
export type ChartEmas = [day: Day, isPreview: boolean, ema: (number | null)[], emaBar: (number | null)[]];

/**
 * EMAs of bars at their closes and on the newest day, in the order of days. They come from the stored points, so that
 * the days between are not computed. Not for v2, which stores some of its closes.
 */
export async function listEmaCloses(
  tx: Tx,
  { id, alignment, tf, fromDay, toDay }: ChartScope,
  periods: readonly number[],
): Promise<ChartEmas[]> {
  const picked = (values: string) =>
    `json_build_array(${periods.map((_, at) => `(${values})[s.at[${at + 1}]]`).join(', ')})`;
  const rows = await readJsonRows<ChartEmas>(
    tx,
    {
      cells: `r.day - date '1970-01-01', r.is_preview, r.ema, r.ema_bar`,
      from: `(
        with series as (
          select c.*, a.*, least(c.watermark_day, l.day, date '1970-01-01' + $5::int) as end_day
          from ema_carry c left join lateral unnest(c.lag_tf, c.lag_day) l (tf, day) on l.tf = $3
          cross join lateral (
            select array_agg(array_position(c.periods, k.period) order by k.n) as at,
              min(array_position(c.periods, k.period)) as first
            from unnest($6::int[]) with ordinality k (period, n)) a
          where c.id = $1 and c.alignment = $2::text::bar_alignment and $3 = any(c.tf)),
        newest as (
          select (p.timestamp at time zone 'UTC')::date as day from series s cross join lateral (
            select timestamp from cmc_price_bars_1d where id = $1
              and timestamp < (s.end_day + 1)::timestamp at time zone 'UTC' order by timestamp desc limit 1) p)
        select p.day, false as is_preview, ${picked('p.ema')} as ema, ${picked('coalesce(p.ema_bar, p.ema)')} as ema_bar
        from series s join ema_points p on p.id = s.id and p.alignment = s.alignment and p.tf = $3
        where p.day <= s.end_day and ($4::int is null or p.day >= date '1970-01-01' + $4::int)
          and cardinality(p.ema) >= s.first
        union all
        select n.day, true, json_agg(e.ema order by k.n), json_agg(e.ema_bar order by k.n)
        from newest n cross join unnest($6::int[]) with ordinality k (period, n)
        left join lateral ema_series($1, $3, k.period, n.day, n.day, $2::text) e on true
        where $4::int is null or n.day >= date '1970-01-01' + $4::int
        group by n.day having bool_or(e.roll)) r`,
    },
    [id, alignment, tf, fromDay, toDay, periods],
  );
  return rows.sort(([a], [b]) => a - b);
}

/** The value of an output at a close; of the open bar, as if it closed now. */
export type ChartValue = [name: string, day: Day, value: number, isPreview: boolean];

/**
 * Values of indicators of one series, by output and day. A name stands for all its outputs. Without a last day the
 * preview of the open bar comes last.
 */
export function listIndicatorValues(
  tx: Tx,
  { id, alignment, tf, fromDay, toDay }: ChartScope,
  names: readonly string[],
): Promise<ChartValue[]> {
  const isWanted = (name: string) => `regexp_replace(${name}, '\\.[a-z_]+$', '') = any($6)`;
  return tx.query<ChartValue>(
    `select name, day, value, false as is_preview from indicators
     where id = $1 and alignment = $2::bar_alignment and tf = $3 and ${isWanted('name')}
       and ($4::int is null or day >= date '1970-01-01' + $4::int)
       and ($5::int is null or day <= date '1970-01-01' + $5::int)
     union all
     select name, preview_day, preview, true from indicators_latest
     where id = $1 and alignment = $2::bar_alignment and tf = $3 and ${isWanted('name')}
       and $5::int is null and preview is not null and preview_day is distinct from day
     order by name, day`,
    [id, alignment, tf, fromDay, toDay, names],
  );
}

/** Expected days without a bar. */
export interface ChartGap extends Gap {
  /** Source rows of these days that were refused. */
  refusedRows: number;
}

/** Of which asset and days, and what sources say of when prices are expected. */
export interface GapScope extends Pick<ChartScope, 'id' | 'fromDay' | 'toDay'> {
  expectations: Expectations;
}

/** Stretches between the first and the last 1D bar with days that the asset's calendar expects and that have none, ascending. */
export async function listGaps(tx: Tx, { id, fromDay, toDay, expectations }: GapScope): Promise<ChartGap[]> {
  const rows = await tx.query<[Day, Day, number]>(
    `select d.day + 1, d.next_day - 1, (
       select count(distinct r.timestamp) from cmc_price_bars_1d_rejects r
       where r.id = $1 and r.action = 'rejected' and r.timestamp::date between d.day + 1 and d.next_day - 1)
     from (select timestamp::date as day, lead(timestamp::date) over (order by bar_seq) as next_day
           from cmc_price_bars_1d where id = $1) d
     where d.next_day > d.day + 1
       and ($2::int is null or d.next_day > date '1970-01-01' + $2::int)
       and ($3::int is null or d.day < date '1970-01-01' + $3::int)
     order by d.day`,
    [id, fromDay, toDay],
  );
  const past =
    (await readCalendars(tx, [id], expectations))[0]?.past ?? calendarOfWeekdays('daily', EVERY_DAY);
  return rows.flatMap(([firstDay, lastDay, refusedRows]) => {
    const gap = gapOf(past, { firstDay, lastDay });
    return gap === null ? [] : [{ ...gap, refusedRows }];
  });
}

/** A day on which something was repaired, or refused. */
export interface ChartNote {
  day: Day;
  action: 'repaired' | 'rejected';
  reasons: string[];
}

/** Days with repairs or rejects, ascending. */
export async function listNotes(tx: Tx, { id, fromDay, toDay }: ChartScope): Promise<ChartNote[]> {
  const rows = await tx.query<[Day, ChartNote['action'], string[]]>(
    `select r.day, r.action, array_agg(distinct r.reason)
     from (select timestamp::date as day, action, reason from cmc_price_bars_1d_rejects
           where id = $1 and action in ('repaired', 'rejected')) r
     where ($2::int is null or r.day >= date '1970-01-01' + $2::int)
       and ($3::int is null or r.day <= date '1970-01-01' + $3::int)
     group by r.day, r.action order by r.day, r.action`,
    [id, fromDay, toDay],
  );
  return rows.map(([day, action, reasons]) => ({ day, action, reasons }));
}
