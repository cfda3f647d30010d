/** How far every table of every asset has come: the facts of the freshness grid, a handful of statements for all assets. */

import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { ComponentName } from '../../domain/planning/outcome.js';
import { boundName, boundTexts } from '../../domain/text/printable.js';
import type { Tx } from '../session/database.js';
import { readBesideSource } from '../source/readable.js';
import { countAfter, selectEnd } from '../source/select.js';
import type { Source } from '../source/source.js';

/** One asset and its 1D bars. Times are epoch microseconds, days UTC day numbers. */
export interface GridAsset {
  id: number;
  symbol: string | null;
  name: string | null;
  isActive: boolean;
  lastSrcUs: number | null;
  lastDay: number | null;
  /** Number of its 1D bars. */
  bars: number;
  sourceUs: number | null;
  /** Source rows after what was read. */
  waitingRows: number;
  /** Days up to the last one were changed since, from this day on; null: none that is known. */
  changedFrom: number | null;
  /** When its source was last compared with what its bars were made of, and was the same; null: not since it was built. */
  provenUs: number | null;
}

/** Bars, EMAs or indicators of one alignment of one asset. */
export interface GridSeries {
  id: number;
  alignment: Alignment;
  /** Of the slowest series that is built; null: none is. */
  day: number | null;
  /** 1D bars that the slowest has not taken in, one that is not built included. */
  lagDays: number;
  laggingSeries: number;
  /** EMAs and indicators: to be repaired from this day on. */
  repairFrom: number | null;
}

/** Why an asset is skipped, or failed, in one component. */
export interface GridFault {
  id: number;
  component: ComponentName;
  isQuarantined: boolean;
  reason: string;
}

type AssetRow = [
  id: number,
  symbol: string | null,
  name: string | null,
  isActive: boolean,
  lastSrcUs: number | null,
  lastDay: number | null,
  bars: number,
  sourceUs: number | null,
  waitingRows: number,
  changedFrom: number | null,
  provenUs: number | null,
];

/** Every asset of dim_assets, ascending by id. */
export async function listGridAssets(tx: Tx, source: Source): Promise<GridAsset[]> {
  const rows = await readBesideSource(tx, { source, ids: null }, (ids, from) =>
    tx.query<AssetRow>(
      `select a.id, a.symbol, a.name, a.active, s.last_src_ts, s.last_day, coalesce(s.bar_seq, 0), p.newest, w.waiting,
       c.from_day, v.proven_at
     from dim_assets a
     left join cmc_price_bars_1d_state s on s.id = a.id
     left join asset_proof v on v.id = a.id
     left join (
       select n.id, min(n.from_day) as from_day
       from price_change n join cmc_price_bars_1d_state d on d.id = n.id and n.from_day <= d.last_day
       group by n.id) c on c.id = a.id
     cross join lateral (
       select ${selectEnd(from, 'a.id', 'newest')} as newest) p
     cross join lateral (
       select ${countAfter(from, 'a.id', `coalesce(s.last_src_ts, '-infinity')`)} as waiting) w
     where $1::int[] is null or a.id = any($1)
     order by a.id`,
      [ids],
    ),
  );
  return rows.map(([id, symbol, name, isActive, lastSrcUs, lastDay, bars, ...rest]) => {
    const [sourceUs, waitingRows, changedFrom, provenUs] = rest;
    const days = { lastSrcUs, lastDay, bars, sourceUs, waitingRows, changedFrom, provenUs };
    return { id, symbol: boundName(symbol), name: boundName(name), isActive, ...days };
  });
}

type SeriesRow = [
  id: number,
  alignment: Alignment,
  day: number | null,
  lagDays: number,
  laggingSeries: number,
  repairFrom: number | null,
];

function seriesOfRow([id, alignment, day, lagDays, laggingSeries, repairFrom]: SeriesRow): GridSeries {
  return { id, alignment, day, lagDays, laggingSeries, repairFrom };
}

/**
 * Bars of every alignment of every asset that has 1D bars, as dim_timeframe asks for them. States, of which there are
 * hundreds of an asset, are added up before anything is joined to them.
 */
export async function listGridBars(tx: Tx): Promise<GridSeries[]> {
  const rows = await tx.query<SeriesRow>(
    `with asked as (
       select alignment, count(*) as series from dim_timeframe
       where alignment <> 'v2' and tf <> '1D' group by alignment),
     built as (
       select b.id, b.alignment, b.watermark_day, count(*) as series
       from price_bars_state b join dim_timeframe t on t.alignment = b.alignment and t.tf = b.tf and t.tf <> '1D'
       group by b.id, b.alignment, b.watermark_day),
     g as (
       select s.id, a.alignment, s.bar_seq, a.series, coalesce(sum(b.series), 0) as built, min(b.watermark_day) as day,
         a.series - coalesce(sum(b.series) filter (where b.watermark_day >= s.last_day), 0) as lagging
       from cmc_price_bars_1d_state s
       cross join asked a
       left join built b on b.id = s.id and b.alignment = a.alignment
       where s.bar_seq > 0
       group by s.id, a.alignment, s.bar_seq, a.series)
     select g.id, g.alignment::text, g.day,
       case when g.built < g.series then g.bar_seq when g.lagging > 0 then (
         select count(*) from cmc_price_bars_1d p
         where p.id = g.id and p.timestamp >= (g.day + 1)::timestamp at time zone 'UTC')
       else 0 end, g.lagging::bigint, null::date
     from g`,
  );
  return rows.map(seriesOfRow);
}

/** EMAs of every alignment of every asset that has any. */
export async function listGridEmas(tx: Tx): Promise<GridSeries[]> {
  const rows = await tx.query<SeriesRow>(
    `select e.id, e.alignment::text, least(e.watermark_day, l.day), greatest(0, s.bar_seq - least(e.row_count, l.row_count)),
       coalesce(l.lagging, 0), e.repair_from
     from ema_asset_state e
     join cmc_price_bars_1d_state s on s.id = e.id
     left join (
       select g.id, g.alignment, min(g.watermark_day) as day, min(g.row_count) as row_count, count(*) as lagging
       from ema_series_lag g join dim_timeframe t on t.alignment = g.alignment and t.tf = g.tf
       group by g.id, g.alignment) l on l.id = e.id and l.alignment = e.alignment`,
  );
  return rows.map(seriesOfRow);
}

/** Indicators of every alignment of every asset that has any; null: none is active. */
export async function listGridIndicators(tx: Tx): Promise<GridSeries[] | null> {
  const [active] = await tx.query<[boolean]>('select exists (select from dim_indicator where active)');
  if (active?.[0] !== true) return null;
  const rows = await tx.query<SeriesRow>(
    `with asked as (
       select alignment, count(*) as series from dim_timeframe where alignment <> 'v2' group by alignment),
     g as (
       select c.id, c.alignment, s.bar_seq, a.series, b.built,
         case when c.watermark_day is not null then least(b.day, c.watermark_day) end as day,
         a.series - b.level as lagging, c.repair_from
       from indicator_carry c
       join cmc_price_bars_1d_state s on s.id = c.id
       join asked a on a.alignment = c.alignment
       cross join lateral (
         select count(*) as built, min(u.day) as day, count(*) filter (where u.day >= s.last_day) as level
         from unnest(c.tf, c.taken_day) u (tf, day)
         join dim_timeframe t on t.alignment = c.alignment and t.tf = u.tf
         where c.watermark_day is not null) b)
     select g.id, g.alignment::text, g.day,
       case when g.built < g.series then g.bar_seq when g.lagging > 0 then (
         select count(*) from cmc_price_bars_1d p
         where p.id = g.id and p.timestamp >= (g.day + 1)::timestamp at time zone 'UTC')
       else 0 end, g.lagging::bigint, g.repair_from
     from g`,
  );
  return rows.map(seriesOfRow);
}

/** Runs that are looked at for the newest one that had an asset. */
const MOST_RUNS = 100;

/** Who is quarantined, and who failed in the newest run that had the asset: one of other assets says nothing about it. */
export async function listGridFaults(tx: Tx): Promise<GridFault[]> {
  const rows = await tx.query<[number, ComponentName, boolean, string]>(
    `with stage as materialized (
       select r.run, r.started_at, t.component, nullif(r.options -> 'ids', 'null') as ids
       from (select run, started_at, options from refresh_run order by started_at desc limit $1) r
       join refresh_stage t on t.run = r.run and t.status <> 'not_run')
     select id, component, quarantined_at is not null, reason from asset_quarantine
     union all
     select f.id, f.component, false, f.reason
     from stage s
     join refresh_asset f on f.run = s.run and f.component = s.component and f.status = 'failed'
     where not exists (
         select from stage later
         where later.component = s.component and later.started_at > s.started_at
           and (later.ids is null or later.ids @> to_jsonb(f.id)))
       and not exists (select from asset_quarantine q where q.id = f.id and q.component = f.component)
     order by 1, 2`,
    [MOST_RUNS],
  );
  return rows.map(([id, component, isQuarantined, reason]) => ({
    id,
    component,
    isQuarantined,
    reason: boundTexts(reason),
  }));
}
