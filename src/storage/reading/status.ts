import { boundName } from '../../domain/text/printable.js';
import type { Tx } from '../session/database.js';
import { readBesideSource } from '../source/readable.js';
import { countAfter, oneAsset, selectEnd, selectWaiting } from '../source/select.js';
import type { Source } from '../source/source.js';

/** How far the indicators of an asset have come. */
export interface IndicatorStatus {
  /** Of the slowest series that is built; null: none is, or all wait. */
  day: number | null;
  repairFrom: number | null;
  /** Series that have not taken in every 1D bar. */
  lagging: number;
}

/** Everything that is stored about how far one asset has come. Times are epoch microseconds, days are UTC day numbers. */
export interface StoredStatus {
  id: number;
  symbol: string | null;
  name: string | null;
  isActive: boolean;
  lastSrcUs: number | null;
  firstDay: number | null;
  lastDay: number | null;
  /** Newest source timestamp up to now, and how many source rows wait after the watermark. */
  sourceUs: number | null;
  waitingRows: number;
  barsDay: number | null;
  emasDay: number | null;
  /** null: no indicator is active. */
  indicators: IndicatorStatus | null;
  /** Stamp of the newest day, where it waits to be loaded again. */
  provisionalUs: number | null;
  /** Bars changed from this day on, and EMAs wait to be repaired. */
  repairFrom: number | null;
  /** Series that have not taken in every 1D bar, and series whose EMAs are not as far as their alignment's. */
  laggingBars: number;
  laggingEmas: number;
  rejects: number;
  repairs: number;
  /** Components in which it is quarantined, comma-separated; null: none. */
  quarantined: string | null;
  /** When its source was last proven to be what its bars were made of; null: not since it was built. */
  provenUs: number | null;
  /** Days that stay though the source does not prove them any more. */
  keptDays: number;
}

type IndicatorCells = [isActive: boolean, day: number | null, repairFrom: number | null, lagging: number];

type StatusRow = [
  id: number,
  symbol: string | null,
  name: string | null,
  isActive: boolean,
  lastSrcUs: number | null,
  firstDay: number | null,
  lastDay: number | null,
  sourceUs: number | null,
  waitingRows: number,
  barsDay: number | null,
  emasDay: number | null,
  repairFrom: number | null,
  provisionalUs: number | null,
  ...counts: [laggingBars: number, laggingEmas: number, rejects: number, repairs: number],
  quarantined: string | null,
  provenUs: number | null,
  keptDays: number,
  ...indicators: IndicatorCells,
];

/** Status of `ids` (null = every asset in dim_assets), ascending by id. */
export async function readStatus(
  tx: Tx,
  scope: { ids: readonly number[] | null; source: Source },
): Promise<StoredStatus[]> {
  const rows = await readBesideSource(tx, { source: scope.source, ids: scope.ids }, (ids, from) =>
    tx.query<StatusRow>(
      `select a.id, a.symbol, a.name, a.active, s.last_src_ts, s.first_day, s.last_day, p.newest, coalesce(p.waiting, 0),
            b.day, e.day, e.repair_from,
            (select max(w.ts) from (${selectWaiting(from, oneAsset('a.id'))}) w), b.lagging, l.lagging, coalesce(r.rejected, 0), coalesce(r.repaired, 0),
            (select string_agg(component, ', ' order by component) from asset_quarantine q
             where q.id = a.id and q.quarantined_at is not null),
            (select v.proven_at from asset_proof v where v.id = a.id),
            (select count(*) from price_kept k where k.id = a.id), n.active, i.day, i.repair_from, i.lagging
     from dim_assets a
     left join cmc_price_bars_1d_state s on s.id = a.id
     left join lateral (
       select ${selectEnd(from, 'a.id', 'newest')} as newest,
         ${countAfter(from, 'a.id', `coalesce(s.last_src_ts, '-infinity')`)} as waiting) p on true
     left join lateral (
       select min(b.watermark_day) as day,
              count(*) filter (where s.bar_seq > 0 and (b.id is null or b.watermark_day < s.last_day)) as lagging
       from dim_timeframe t left join price_bars_state b on b.id = a.id and b.alignment = t.alignment and b.tf = t.tf
       where t.alignment <> 'v2' and t.tf <> '1D') b on true
     left join lateral (
       select min(watermark_day) as day, min(repair_from) as repair_from from ema_asset_state where id = a.id) e on true
     left join lateral (
       select count(*) as lagging from ema_series_lag g where g.id = a.id
         and exists (select from dim_timeframe t where t.alignment = g.alignment and t.tf = g.tf)) l on true
     left join lateral (
       select count(*) filter (where action = 'rejected') as rejected, count(*) filter (where action = 'repaired') as repaired
       from cmc_price_bars_1d_rejects where id = a.id) r on true
     cross join (select exists (select from dim_indicator where active) as active) n
     left join lateral (
       select min(least(c.taken_day, c.watermark_day)) filter (where c.watermark_day is not null) as day,
         min(c.repair_from) as repair_from,
         count(*) filter (where s.bar_seq > 0 and (c.watermark_day is null or c.taken_day < s.last_day)) as lagging
       from dim_timeframe t
       left join (
         select k.alignment, k.watermark_day, k.repair_from, u.tf, u.taken_day
         from indicator_carry k cross join lateral unnest(k.tf, k.taken_day) u (tf, taken_day)
         where k.id = a.id) c on c.alignment = t.alignment and c.tf = t.tf
       where n.active and t.alignment <> 'v2') i on true
     where $1::int[] is null or a.id = any($1)
     order by a.id`,
      [ids],
    ),
  );
  return rows.map(statusOfRow);
}

function statusOfRow(row: StatusRow): StoredStatus {
  const [id, symbol, name, isActive, lastSrcUs, firstDay, lastDay, sourceUs, waitingRows, barsDay, ...rest] =
    row;
  const [emasDay, repairFrom, provisionalUs, ...counts] = rest;
  const [laggingBars, laggingEmas, rejects, repairs, quarantined, provenUs, keptDays, ...indicators] = counts;
  const asset = { id, symbol: boundName(symbol), name: boundName(name), isActive };
  const days = { firstDay, lastDay, barsDay, emasDay, repairFrom };
  return {
    ...asset,
    ...days,
    lastSrcUs,
    sourceUs,
    waitingRows,
    provisionalUs,
    laggingBars,
    laggingEmas,
    rejects,
    repairs,
    quarantined,
    provenUs,
    keptDays,
    indicators: indicatorsOfRow(indicators),
  };
}

function indicatorsOfRow([isActive, day, repairFrom, lagging]: IndicatorCells): IndicatorStatus | null {
  return isActive ? { day, repairFrom, lagging } : null;
}
