/** What plans are made from: states and source extents of several assets, in the snapshot of one transaction. */
import type { Day } from '../domain/day.js';
import type { EmaAssetState } from '../domain/ema-series.js';
import {
  alignmentsOfBuilders,
  type BarBuilder,
  type BarFacts,
  type DailyState,
  includesDaily,
  type SourceExtent,
} from '../domain/plan.js';
import {
  alignmentsOfFamilies,
  type EmaAlignmentFacts,
  type EmaFacts,
  type EmaFamily,
} from '../domain/plan-emas.js';
import type { Alignment, BarAlignment } from '../domain/timeframe.js';
import type { Tx } from './database.js';
import { readPeriods } from './dimensions.js';
import { type Source, selectSource } from './source.js';

export interface BarFactsScope {
  ids: readonly number[];
  /** Looked at only when the 1D builder is among those asked for; may be null when it is not. */
  source: Source | null;
  only: readonly BarBuilder[] | null;
}

/** Facts for planBars, one entry per id in the order given. */
export async function readBarFacts(tx: Tx, { ids, source, only }: BarFactsScope): Promise<BarFacts[]> {
  const hasDaily = includesDaily(only);
  const states = await readDailyStates(tx, ids);
  const extents = hasDaily && source !== null ? await readSourceExtents(tx, source, ids) : new Map();
  const lagging = await readLaggingSeries(tx, ids, alignmentsOfBuilders(only));
  return ids.map((id) => ({
    id,
    daily: states.get(id) ?? null,
    source: extents.get(id) ?? null,
    includesDaily: hasDaily,
    laggingSeries: lagging.get(id) ?? 0,
  }));
}

async function readDailyStates(tx: Tx, ids: readonly number[]): Promise<Map<number, DailyState>> {
  const rows = await tx.query<
    [number, number | null, number | null, Day | null, Day | null, number, number, string]
  >(
    `select id, last_src_ts, daily_min_seen, first_day, last_day, bar_seq, src_rows, src_hash::text
     from cmc_price_bars_1d_state where id = any($1)`,
    [ids],
  );
  return new Map(
    rows.map(([id, lastSrcUs, dailyMinSeenUs, firstDay, lastDay, barSeq, srcRows, srcHash]) => [
      id,
      { lastSrcUs, dailyMinSeenUs, firstDay, lastDay, barSeq, srcRows, srcHash },
    ]),
  );
}

/**
 * Extent and fingerprint of the source rows of each asset, and of those up to its watermark: one pass over them.
 * The fingerprint does not depend on the order of rows; with their number it tells any change of a used column.
 */
async function readSourceExtents(
  tx: Tx,
  source: Source,
  ids: readonly number[],
): Promise<Map<number, SourceExtent>> {
  const rows = await tx.query<[number, number, string, number, string, number, number, number | null]>(
    `select q.id, count(*), bit_xor(q.hash)::text,
       count(*) filter (where q.ts <= s.last_src_ts),
       coalesce(bit_xor(q.hash) filter (where q.ts <= s.last_src_ts), 0)::text,
       min(q.ts), max(q.ts), min(q.ts) filter (where s.last_src_ts is null or q.ts > s.last_src_ts)
     from (
       select id, ts, hash_record_extended(row(ts, time_open, time_close, time_high, time_low, open, high, low, close,
         volume, market_cap, src_name, src_file, load_ts), 0) as hash
       from (${selectSource(source, '$1::int[]')}) src) q
     left join cmc_price_bars_1d_state s on s.id = q.id
     group by q.id`,
    [ids],
  );
  return new Map(
    rows.map(([id, count, hash, seenRows, seenHash, minUs, maxUs, newMinUs]) => [
      id,
      { rows: count, hash, seenRows, seenHash, minUs, maxUs, newMinUs },
    ]),
  );
}

/** Series, by asset, that have not taken in every 1D bar (those of a new timeframe included). */
async function readLaggingSeries(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly BarAlignment[],
): Promise<Map<number, number>> {
  const rows = await tx.query<[number, number]>(
    `select s.id, count(*)
     from cmc_price_bars_1d_state s
     join dim_timeframe t on t.alignment = any($2::bar_alignment[]) and t.tf <> '1D'
     left join price_bars_state b on b.id = s.id and b.alignment = t.alignment and b.tf = t.tf
     where s.id = any($1) and s.bar_seq > 0 and (b.id is null or b.watermark_day < s.last_day)
     group by s.id`,
    [ids, alignments],
  );
  return new Map(rows);
}

export interface EmaFactsScope {
  ids: readonly number[];
  only: readonly EmaFamily[] | null;
}

/** Facts for planEmas, one entry per id in the order given. */
export async function readEmaFacts(tx: Tx, { ids, only }: EmaFactsScope): Promise<EmaFacts[]> {
  const alignments = alignmentsOfFamilies(only);
  const periods = await readPeriods(tx);
  const dailies = await readDailyStates(tx, ids);
  const states = await readEmaAssetStates(tx, ids, alignments);
  const targets = await readBarWatermarks(tx, ids, alignments);
  const pending = await readPendingSeries(tx, ids, alignments);
  const unbuilt = await readUnbuiltSeries(tx, ids, periods[0] ?? null);
  return ids.map((id) => {
    const daily = dailies.get(id);
    const alignmentFacts = alignments.map((alignment): EmaAlignmentFacts => {
      const key = `${id} ${alignment}`;
      const bars = targets.get(key);
      const targetDay = targetOf(alignment, daily?.lastDay ?? null, bars);
      const closed = pending.get(key)?.filter((day) => targetDay !== null && day <= targetDay).length ?? 0;
      const state = states.get(key) ?? null;
      return { alignment, state, targetDay, pendingSeries: closed + (unbuilt.get(key) ?? 0) };
    });
    return {
      id,
      daily: daily === undefined ? null : { lastDay: daily.lastDay, barSeq: daily.barSeq },
      periods,
      alignments: alignmentFacts,
    };
  });
}

/** EMAs never go beyond what the bars of their alignment have reached: some series may lag behind the 1D bars. */
function targetOf(
  alignment: Alignment,
  lastDay: Day | null,
  bars: { watermarkDay: Day | null; timeframes: number } | undefined,
): Day | null {
  if (alignment === 'v2' || bars === undefined || bars.timeframes === 0) return lastDay;
  if (lastDay === null || bars.watermarkDay === null) return null;
  return Math.min(lastDay, bars.watermarkDay);
}

async function readEmaAssetStates(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<Map<string, EmaAssetState>> {
  const rows = await tx.query<[number, Alignment, Day, number, number, number, number, number, number[]]>(
    `select id, alignment::text, watermark_day, watermark_ts, row_count, last_close, close_sum, kernel_version, periods
     from ema_asset_state where id = any($1) and alignment = any($2::bar_alignment[])`,
    [ids, alignments],
  );
  return new Map(
    rows.map(([id, alignment, ...cells]) => {
      const [watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, periods] = cells;
      const state = { watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, periods };
      return [`${id} ${alignment}`, state];
    }),
  );
}

/** How far the bar series of each asset and alignment have come, the slowest one's; and how many there should be. */
async function readBarWatermarks(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<Map<string, { watermarkDay: Day | null; timeframes: number }>> {
  const rows = await tx.query<[number, Alignment, Day | null, number]>(
    `select a.id, t.alignment::text, min(b.watermark_day), count(*)
     from unnest($1::int[]) a (id)
     join dim_timeframe t on t.alignment = any($2::bar_alignment[]) and t.alignment <> 'v2' and t.tf <> '1D'
     left join price_bars_state b on b.id = a.id and b.alignment = t.alignment and b.tf = t.tf
     group by a.id, t.alignment`,
    [ids, alignments],
  );
  return new Map(
    rows.map(([id, alignment, watermarkDay, timeframes]) => [
      `${id} ${alignment}`,
      { watermarkDay, timeframes },
    ]),
  );
}

/** Per asset and alignment: for each series with closed bars that its carry has not taken in, the day of the first. */
async function readPendingSeries(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<Map<string, Day[]>> {
  const rows = await tx.query<[number, Alignment, Day]>(
    `select b.id, b.alignment::text, p.last_day
     from price_bars_state b
     join dim_timeframe t on t.alignment = b.alignment and t.tf = b.tf
     left join ema_state e on e.id = b.id and e.alignment = b.alignment and e.tf = b.tf
     cross join lateral (
       select p.last_day from price_bars p
       where p.id = b.id and p.alignment = b.alignment and p.tf = b.tf and p.bar_seq > coalesce(e.bar_seq, 0)
       order by p.bar_seq limit 1) p
     where b.id = any($1) and b.alignment = any($2::bar_alignment[]) and b.closed_seq > coalesce(e.bar_seq, 0)`,
    [ids, alignments],
  );
  const pending = new Map<string, Day[]>();
  for (const [id, alignment, day] of rows) {
    const key = `${id} ${alignment}`;
    pending.set(key, [...(pending.get(key) ?? []), day]);
  }
  return pending;
}

/** Per asset and alignment: series fed by 1D rows alone (multi_tf 1D, v2) that should have a carry and have none. */
async function readUnbuiltSeries(
  tx: Tx,
  ids: readonly number[],
  shortestPeriod: number | null,
): Promise<Map<string, number>> {
  const rows = await tx.query<[number, Alignment, number]>(
    `select s.id, s.alignment::text, count(*)
     from ema_asset_state s
     join dim_timeframe t on t.alignment = s.alignment and (s.alignment = 'v2' or t.tf = '1D')
     where s.id = any($1) and s.alignment in ('multi_tf', 'v2')
       and s.row_count >= case when s.alignment = 'v2' then t.tf_days::bigint * $2::int else 1 end
       and not exists (
         select from ema_state e where e.id = s.id and e.alignment = t.alignment and e.tf = t.tf)
     group by s.id, s.alignment`,
    [ids, shortestPeriod],
  );
  return new Map(rows.map(([id, alignment, count]) => [`${id} ${alignment}`, count]));
}
