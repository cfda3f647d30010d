/** How far the series of one asset have come, alignment by alignment, and which of them lag. */
import type { Day } from '../../domain/calendar/day.js';
import { ALIGNMENTS, type Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';

/** So many of a list are named; the rest is counted. */
export const MAX_NAMED = 10;

/** The newest few of something, and how many there are in all. */
export interface Newest<T> {
  count: number;
  newest: T[];
}

/** A series that has not come as far as it could. */
export interface StoredSeriesLag {
  alignment: Alignment;
  tf: string;
  /** null: not built at all. */
  day: Day | null;
}

/** How far the series of bars, EMAs or indicators of one alignment have come. */
export interface StoredProgress {
  alignment: Alignment;
  series: number;
  /** Bars and indicators: the slowest series that is built; EMAs: the watermark. */
  day: Day | null;
  /** Not of bars: they changed from this day on. */
  repairFrom: Day | null;
  lagging: number;
}

/** The series of one kind: bars, EMAs or indicators. */
export interface SeriesProgress {
  alignments: StoredProgress[];
  /** The slowest first. */
  lagging: Newest<StoredSeriesLag>;
}

interface Series extends StoredSeriesLag {
  isLagging: boolean;
  watermarkDay: Day | null;
  repairFrom: Day | null;
}

type SeriesRow = [Alignment, string, Day | null, boolean, Day | null, Day | null];

function seriesOfRow([alignment, tf, day, isLagging, watermarkDay, repairFrom]: SeriesRow): Series {
  return { alignment, tf, day, isLagging, watermarkDay, repairFrom };
}

/** Every bar series that dim_timeframe asks for; a watermark of its own each. */
export async function readBarProgress(tx: Tx, id: number): Promise<SeriesProgress> {
  const rows = await tx.query<SeriesRow>(
    `select t.alignment::text, t.tf, b.watermark_day,
       coalesce(s.bar_seq > 0 and (b.id is null or b.watermark_day < s.last_day), false), b.watermark_day, null::date
     from dim_timeframe t
     left join cmc_price_bars_1d_state s on s.id = $1
     left join price_bars_state b on b.id = $1 and b.alignment = t.alignment and b.tf = t.tf
     where t.alignment <> 'v2' and t.tf <> '1D'
     order by t.alignment, t.tf_days, t.tf`,
    [id],
  );
  return progressOf(rows.map(seriesOfRow));
}

/** Every EMA series; it has come as far as its alignment unless it is filed as lagging. */
export async function readEmaProgress(tx: Tx, id: number): Promise<SeriesProgress> {
  const rows = await tx.query<SeriesRow>(
    `select t.alignment::text, t.tf, coalesce(l.watermark_day, s.watermark_day), l.id is not null,
       s.watermark_day, s.repair_from
     from dim_timeframe t
     left join ema_asset_state s on s.id = $1 and s.alignment = t.alignment
     left join ema_series_lag l on l.id = $1 and l.alignment = t.alignment and l.tf = t.tf
     order by t.alignment, t.tf_days, t.tf`,
    [id],
  );
  return progressOf(rows.map(seriesOfRow));
}

/** Every series of indicators that dim_timeframe asks for; null: no indicator is active. */
export async function readIndicatorProgress(tx: Tx, id: number): Promise<SeriesProgress | null> {
  const rows = await tx.query<SeriesRow>(
    `select t.alignment::text, t.tf, c.taken_day,
       coalesce(s.bar_seq > 0 and (c.watermark_day is null or c.taken_day < s.last_day), false),
       case when c.watermark_day is not null then least(c.taken_day, c.watermark_day) end, c.repair_from
     from dim_timeframe t
     left join cmc_price_bars_1d_state s on s.id = $1
     left join (
       select k.alignment, k.watermark_day, k.repair_from, u.tf, u.taken_day
       from indicator_carry k cross join lateral unnest(k.tf, k.taken_day) u (tf, taken_day)
       where k.id = $1) c on c.alignment = t.alignment and c.tf = t.tf
     where t.alignment <> 'v2' and exists (select from dim_indicator where active)
     order by t.alignment, t.tf_days, t.tf`,
    [id],
  );
  return rows.length === 0 ? null : progressOf(rows.map(seriesOfRow));
}

function progressOf(series: readonly Series[]): SeriesProgress {
  return {
    alignments: alignmentsOf(series),
    lagging: slowestOf(series.filter(({ isLagging }) => isLagging)),
  };
}

function alignmentsOf(series: readonly Series[]): StoredProgress[] {
  return ALIGNMENTS.flatMap((alignment) => {
    const ours = series.filter((each) => each.alignment === alignment);
    if (ours.length === 0) return [];
    const days = ours.flatMap(({ watermarkDay }) => (watermarkDay === null ? [] : [watermarkDay]));
    return {
      alignment,
      series: ours.length,
      day: days.length === 0 ? null : Math.min(...days),
      repairFrom: ours[0]?.repairFrom ?? null,
      lagging: ours.filter(({ isLagging }) => isLagging).length,
    };
  });
}

const NEVER = Number.MIN_SAFE_INTEGER;

function slowestOf(series: readonly Series[]): Newest<StoredSeriesLag> {
  const slowestFirst = [...series].sort((a, b) => (a.day ?? NEVER) - (b.day ?? NEVER));
  const newest = slowestFirst.slice(0, MAX_NAMED).map(({ alignment, tf, day }) => ({ alignment, tf, day }));
  return { count: series.length, newest };
}
