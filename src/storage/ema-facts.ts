/** What EMA plans are made from: watermarks of several assets, in the snapshot of one transaction. */
import type { Day } from '../domain/day.js';
import type { EmaAssetState } from '../domain/ema-series.js';
import {
  alignmentsOfFamilies,
  type EmaAlignmentFacts,
  type EmaFacts,
  type EmaFamily,
} from '../domain/plan-emas.js';
import type { Alignment } from '../domain/timeframe.js';
import type { Tx } from './database.js';
import { readPeriods } from './dimensions.js';
import { readDailyStates } from './plan-facts.js';

export interface EmaFactsScope {
  ids: readonly number[];
  only: readonly EmaFamily[] | null;
  /** Timeframes asked for; null = all. */
  tfs?: readonly string[] | null;
}

interface Wanted {
  ids: readonly number[];
  alignments: readonly Alignment[];
  tfs: readonly string[] | null;
}

/** Facts for planEmas, one entry per id in the order given. */
export async function readEmaFacts(tx: Tx, { ids, only, tfs = null }: EmaFactsScope): Promise<EmaFacts[]> {
  const ofFamilies = alignmentsOfFamilies(only);
  const asked = await listAskedAlignments(tx, ofFamilies, tfs);
  const removedAlignments = tfs === null ? await listRemovedAlignments(tx, ids, ofFamilies) : [];
  const alignments = ofFamilies.filter((each) => asked.includes(each) || removedAlignments.includes(each));
  const wanted = { ids, alignments, tfs };
  const periods = await readPeriods(tx);
  const dailies = await readDailyStates(tx, ids);
  const states = await readEmaAssetStates(tx, ids, alignments);
  const bars = await readBarWatermarks(tx, wanted);
  const pending = await readPendingSeries(tx, wanted);
  const unbuilt = await readUnbuiltSeries(tx, wanted, periods[0] ?? null);
  const lags = await readLaggingSeries(tx, wanted);
  const removed = await readRemovedSeries(tx, wanted);
  return ids.map((id) => {
    const daily = dailies.get(id);
    const alignmentFacts = alignments.map((alignment): EmaAlignmentFacts => {
      const key = `${id} ${alignment}`;
      const lastDay = daily?.lastDay ?? null;
      const targetDay = targetOf(lastDay, bars.get(key), 'newestAsked');
      const upTo = targetDay ?? Number.NEGATIVE_INFINITY;
      const closed = pending.get(key)?.filter((day) => day <= upTo).length ?? 0;
      const lagging = lags.get(key) ?? [];
      return {
        alignment,
        isRemoved: removedAlignments.includes(alignment),
        state: states.get(key)?.state ?? null,
        repairFrom: states.get(key)?.repairFrom ?? null,
        targetDay,
        fullTargetDay: targetOf(lastDay, bars.get(key), 'newest'),
        isUneven: lagging.length > 0 || bars.get(key)?.isUneven === true,
        pendingSeries: closed + (unbuilt.get(key) ?? 0),
        laggingSeries: lagging.filter(
          ({ isAsked, lagDay, barDay }) => isAsked && lagDay < Math.min(barDay ?? upTo, upTo),
        ).length,
        removedSeries: removed.get(key) ?? 0,
      };
    });
    return {
      id,
      daily: daily === undefined ? null : { lastDay: daily.lastDay, barSeq: daily.barSeq },
      periods,
      alignments: alignmentFacts,
    };
  });
}

/** Alignments without a single timeframe that is asked for are left alone. */
async function listAskedAlignments(
  tx: Tx,
  alignments: readonly Alignment[],
  tfs: readonly string[] | null,
): Promise<Alignment[]> {
  const rows = await tx.query<[Alignment]>(
    `select distinct alignment::text from dim_timeframe
     where alignment = any($1::bar_alignment[]) and ($2::text[] is null or tf = any($2))`,
    [alignments, tfs],
  );
  return alignments.filter((alignment) => rows.some(([asked]) => asked === alignment));
}

/** Alignments whose last timeframe was taken out of dim_timeframe while some of these assets have EMAs of them. */
async function listRemovedAlignments(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<Alignment[]> {
  const known = await listAskedAlignments(tx, alignments, null);
  const unknown = alignments.filter((alignment) => !known.includes(alignment));
  if (unknown.length === 0) return [];
  const rows = await tx.query<[Alignment]>(
    `select alignment::text from ema_asset_state where id = any($1) and alignment = any($2::bar_alignment[])
     union
     select alignment::text from ema_state where id = any($1) and alignment = any($2::bar_alignment[])`,
    [ids, unknown],
  );
  return rows.map(([alignment]) => alignment);
}

/** EMAs never go beyond what the bars of their alignment have reached; those made of 1D bars alone follow these. */
function targetOf(
  lastDay: Day | null,
  bars: BarWatermarks | undefined,
  which: 'newest' | 'newestAsked',
): Day | null {
  if (bars === undefined) return lastDay;
  const barDay = bars[which];
  return lastDay === null || barDay === null ? null : Math.min(lastDay, barDay);
}

interface StoredState {
  state: EmaAssetState;
  repairFrom: Day | null;
}

async function readEmaAssetStates(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<Map<string, StoredState>> {
  const rows = await tx.query<
    [number, Alignment, Day | null, Day, number, number, number, number, number, number[]]
  >(
    `select id, alignment::text, repair_from, watermark_day, watermark_ts, row_count, last_close, close_sum,
       kernel_version, periods
     from ema_asset_state where id = any($1) and alignment = any($2::bar_alignment[])`,
    [ids, alignments],
  );
  return new Map(
    rows.map(([id, alignment, repairFrom, ...cells]) => {
      const [watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, periods] = cells;
      const state = { watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, periods };
      return [`${id} ${alignment}`, { state, repairFrom }];
    }),
  );
}

/** How far the bar series of an asset and alignment have come; null: none of them is built. */
interface BarWatermarks {
  newest: Day | null;
  newestAsked: Day | null;
  /** They have not all come equally far. */
  isUneven: boolean;
}

/** No entry where no timeframe with bars is asked for: v2, and multi_tf 1D alone. */
async function readBarWatermarks(
  tx: Tx,
  { ids, alignments, tfs }: Wanted,
): Promise<Map<string, BarWatermarks>> {
  const rows = await tx.query<[number, Alignment, Day | null, Day | null, boolean]>(
    `select a.id, t.alignment::text, max(b.watermark_day), max(b.watermark_day) filter (where t.is_asked),
       min(b.watermark_day) is distinct from max(b.watermark_day) or count(b.id) < count(*)
     from unnest($1::int[]) a (id)
     join (select alignment, tf, $3::text[] is null or tf = any($3) as is_asked from dim_timeframe
           where alignment = any($2::bar_alignment[]) and alignment <> 'v2' and tf <> '1D') t on true
     left join price_bars_state b on b.id = a.id and b.alignment = t.alignment and b.tf = t.tf
     group by a.id, t.alignment having bool_or(t.is_asked)`,
    [ids, alignments, tfs],
  );
  return new Map(
    rows.map(([id, alignment, newest, newestAsked, isUneven]) => [
      `${id} ${alignment}`,
      { newest, newestAsked, isUneven },
    ]),
  );
}

/** Per asset and alignment: for each series with closed bars that its carry has not taken in, the day of the first. */
async function readPendingSeries(tx: Tx, { ids, alignments, tfs }: Wanted): Promise<Map<string, Day[]>> {
  const rows = await tx.query<[number, Alignment, Day]>(
    `select b.id, b.alignment::text, p.last_day
     from price_bars_state b
     join dim_timeframe t on t.alignment = b.alignment and t.tf = b.tf
     left join ema_state e on e.id = b.id and e.alignment = b.alignment and e.tf = b.tf
     cross join lateral (
       select p.last_day from price_bars p
       where p.id = b.id and p.alignment = b.alignment and p.tf = b.tf and p.bar_seq > coalesce(e.bar_seq, 0)
       order by p.bar_seq limit 1) p
     where b.id = any($1) and b.alignment = any($2::bar_alignment[]) and b.closed_seq > coalesce(e.bar_seq, 0)
       and ($3::text[] is null or b.tf = any($3))`,
    [ids, alignments, tfs],
  );
  const pending = new Map<string, Day[]>();
  for (const [id, alignment, day] of rows) push(pending, `${id} ${alignment}`, day);
  return pending;
}

/** Per asset and alignment: series fed by 1D rows alone (multi_tf 1D, v2) that should have a carry and have none. */
async function readUnbuiltSeries(
  tx: Tx,
  { ids, alignments, tfs }: Wanted,
  shortestPeriod: number | null,
): Promise<Map<string, number>> {
  const rows = await tx.query<[number, Alignment, number]>(
    `select s.id, s.alignment::text, count(*)
     from ema_asset_state s
     join dim_timeframe t on t.alignment = s.alignment and (s.alignment = 'v2' or t.tf = '1D')
     where s.id = any($1) and s.alignment = any($2::bar_alignment[]) and s.alignment in ('multi_tf', 'v2')
       and ($3::text[] is null or t.tf = any($3))
       and s.row_count >= case when s.alignment = 'v2' then t.tf_days::bigint * $4::int else 1 end
       and not exists (
         select from ema_state e where e.id = s.id and e.alignment = t.alignment and e.tf = t.tf)
     group by s.id, s.alignment`,
    [ids, alignments, tfs, shortestPeriod],
  );
  return new Map(rows.map(([id, alignment, count]) => [`${id} ${alignment}`, count]));
}

interface Lag {
  lagDay: Day;
  /** null: the series is made of 1D bars alone. */
  barDay: Day | null;
  isAsked: boolean;
}

/** Per asset and alignment: series that have not come as far as the alignment. */
async function readLaggingSeries(tx: Tx, { ids, alignments, tfs }: Wanted): Promise<Map<string, Lag[]>> {
  const rows = await tx.query<[number, Alignment, Day, Day | null, boolean]>(
    `select l.id, l.alignment::text, l.watermark_day, b.watermark_day, $3::text[] is null or l.tf = any($3)
     from ema_series_lag l
     join dim_timeframe t on t.alignment = l.alignment and t.tf = l.tf
     left join price_bars_state b on b.id = l.id and b.alignment = l.alignment and b.tf = l.tf
     where l.id = any($1) and l.alignment = any($2::bar_alignment[])`,
    [ids, alignments, tfs],
  );
  const lags = new Map<string, Lag[]>();
  for (const [id, alignment, lagDay, barDay, isAsked] of rows)
    push(lags, `${id} ${alignment}`, { lagDay, barDay, isAsked });
  return lags;
}

/** Per asset and alignment: series with EMAs whose timeframe is not in dim_timeframe any more. */
async function readRemovedSeries(tx: Tx, { ids, alignments }: Wanted): Promise<Map<string, number>> {
  const rows = await tx.query<[number, Alignment, number]>(
    `select e.id, e.alignment::text, count(*) from ema_state e
     where e.id = any($1) and e.alignment = any($2::bar_alignment[])
       and not exists (select from dim_timeframe t where t.alignment = e.alignment and t.tf = e.tf)
     group by e.id, e.alignment`,
    [ids, alignments],
  );
  return new Map(rows.map(([id, alignment, count]) => [`${id} ${alignment}`, count]));
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
