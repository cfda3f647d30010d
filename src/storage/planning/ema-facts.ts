/** What EMA plans are made from: watermarks of several assets, in the snapshot of one transaction. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { EmaAssetState } from '../../domain/emas/series.js';
import {
  alignmentsOfFamilies,
  type EmaAlignmentFacts,
  type EmaFacts,
  type EmaFamily,
} from '../../domain/planning/plan-emas.js';
import { readPeriods } from '../assets/dimensions.js';
import {
  type BarWatermarks,
  readLaggingSeries,
  readPendingSeries,
  readRemovedSeries,
  readUnbuiltSeries,
  type Wanted,
} from '../emas/series-facts.js';
import { type EmaSums, readEmaSums } from '../emas/sums.js';
import { alignmentKey } from '../series/series.js';
import { type CarrySum, readBarSums, readHashedTimeframes } from '../series/sums.js';
import type { Tx } from '../session/database.js';
import { readJsonRows } from '../session/json-rows.js';
import { readDailyStates } from './bar-facts.js';

export interface EmaFactsScope {
  ids: readonly number[];
  only: readonly EmaFamily[] | null;
  /** Timeframes asked for; null = all. */
  tfs?: readonly string[] | null;
}

/** Facts for planEmas, one entry per id in the order given. */
export async function readEmaFacts(tx: Tx, { ids, only, tfs = null }: EmaFactsScope): Promise<EmaFacts[]> {
  const ofFamilies = alignmentsOfFamilies(only);
  const asked = await listAskedAlignments(tx, ofFamilies, tfs);
  const unknown = ofFamilies.filter((each) => !asked.includes(each));
  const removedAlignments = tfs === null ? await listRemovedAlignments(tx, ids, unknown) : [];
  const alignments = ofFamilies.filter((each) => asked.includes(each) || removedAlignments.includes(each));
  const wanted = { ids, alignments, tfs };
  const periods = await readPeriods(tx);
  const dailies = await readDailyStates(tx, ids);
  const shortestPeriod = periods[0] ?? null;
  const {
    states,
    sums,
    lagging: withLags,
  } = await readStatesAndSums(tx, { ...wanted, periods, shortestPeriod });
  const lags = await readLaggingSeries(tx, { ...wanted, ids: withLags });
  // What will be appended anyway takes in whatever has closed: only who seems to be up to date is looked at series by series.
  const isOpen = (key: string, { targetDay }: { targetDay: Day | null }) => {
    const reached = states.get(key)?.state.watermarkDay ?? Number.NEGATIVE_INFINITY;
    return sums.behind.has(key) && targetDay !== null && targetDay <= reached;
  };
  const targets = (id: number, alignment: Alignment) => {
    const lastDay = dailies.get(id)?.lastDay ?? null;
    const bars = sums.bars.get(alignmentKey(id, alignment));
    return {
      targetDay: targetOf(lastDay, bars, 'newestAsked'),
      fullTargetDay: targetOf(lastDay, bars, 'newest'),
    };
  };
  const open = ids.filter((id) =>
    alignments.some((each) => isOpen(alignmentKey(id, each), targets(id, each))),
  );
  const pending = await readPendingSeries(tx, { ...wanted, ids: open });
  const unbuilt = await readUnbuiltSeries(tx, { ...wanted, ids: open }, shortestPeriod);
  const strange = ids.filter((id) =>
    alignments.some((each) => sums.strange.has(alignmentKey(id, each)) || removedAlignments.includes(each)),
  );
  const removed = await readRemovedSeries(tx, { ...wanted, ids: strange });
  return ids.map((id) => {
    const daily = dailies.get(id);
    const alignmentFacts = alignments.map((alignment): EmaAlignmentFacts => {
      const key = alignmentKey(id, alignment);
      const { targetDay, fullTargetDay } = targets(id, alignment);
      const upTo = targetDay ?? Number.NEGATIVE_INFINITY;
      const closed = pending.get(key)?.filter((day) => day <= upTo).length ?? 0;
      const lagging = lags.get(key) ?? [];
      return {
        alignment,
        isRemoved: removedAlignments.includes(alignment),
        state: states.get(key)?.state ?? null,
        repairFrom: states.get(key)?.repairFrom ?? null,
        targetDay,
        fullTargetDay,
        isUneven: lagging.length > 0 || sums.bars.get(key)?.isUneven === true,
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

/** Of alignments without a timeframe those of which some of these assets have EMAs: the last one was taken out of dim_timeframe. */
async function listRemovedAlignments(
  tx: Tx,
  ids: readonly number[],
  unknown: readonly Alignment[],
): Promise<Alignment[]> {
  if (unknown.length === 0) return [];
  const rows = await tx.query<[Alignment]>(
    `select distinct alignment::text from ema_carry where id = any($1) and alignment = any($2::bar_alignment[])`,
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

async function readStatesAndSums(
  tx: Tx,
  {
    periods,
    shortestPeriod,
    ...wanted
  }: Wanted & { periods: readonly number[]; shortestPeriod: number | null },
): Promise<Headers & { sums: EmaSums }> {
  const timeframes = await readHashedTimeframes(tx, wanted.alignments);
  const bars = await readBarSums(tx, wanted.ids, wanted.alignments);
  const { carries, ...headers } = listHeaders(await readHeaders(tx, { ...wanted, periods }), periods);
  const { states } = headers;
  const sums = { timeframes, bars, carries };
  return { ...headers, sums: await readEmaSums(tx, { ...wanted, states, shortestPeriod, sums }) };
}

function readHeaders(
  tx: Tx,
  {
    ids,
    alignments,
    periods,
  }: { ids: readonly number[]; alignments: readonly Alignment[]; periods: readonly number[] },
): Promise<HeaderCells[]> {
  return readJsonRows<HeaderCells>(
    tx,
    {
      // Nearly always the periods are those of dim_period, and need not be sent.
      cells: `id, alignment, series, series_hash::text, taken_bars, repair_from - date '1970-01-01',
        watermark_day - date '1970-01-01', (extract(epoch from watermark_ts) * 1000000)::bigint, row_count, last_close,
        close_sum, kernel_version, nullif(periods, $3::int[]), cardinality(lag_tf) > 0`,
      from: 'ema_carry where id = any($1) and alignment = any($2::bar_alignment[])',
    },
    [ids, alignments, periods],
  );
}

interface Headers {
  /** By asset and alignment; no state where there is no watermark. */
  states: Map<string, StoredState>;
  /** Assets of which a series has not come as far as its alignment. */
  lagging: number[];
}

function listHeaders(
  rows: readonly HeaderCells[],
  periods: readonly number[],
): Headers & { carries: Map<string, CarrySum> } {
  const states = new Map<string, StoredState>();
  const carries = new Map<string, CarrySum>();
  const lagging = new Set<number>();
  for (const [id, alignment, count, hash, takenBars, repairFrom, watermarkDay, ...cells] of rows) {
    const [watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, others, hasLags] = cells;
    const key = alignmentKey(id, alignment);
    if (count > 0) carries.set(key, { series: { count, hash: BigInt(hash) }, takenBars });
    if (hasLags) lagging.add(id);
    if (watermarkDay === null) continue;
    const state = {
      ...{ watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion },
      periods: others ?? periods,
    };
    states.set(key, { state, repairFrom });
  }
  return { states, lagging: [...lagging], carries };
}

type HeaderCells = [
  id: number,
  alignment: Alignment,
  series: number,
  seriesHash: string,
  takenBars: number,
  repairFrom: Day | null,
  watermarkDay: Day | null,
  watermarkTsUs: number,
  rowCount: number,
  lastClose: number,
  closeSum: number,
  kernelVersion: number,
  periods: number[] | null,
  hasLags: boolean,
];
