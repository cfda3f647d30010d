/** What a rebuild has of one asset's EMAs, each series as far as it has come. */
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { ALIGNMENTS, type Alignment, hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import { KERNEL_VERSION } from '../../domain/emas/series.js';
import {
  lastCompleteDay,
  type Milestone,
  milestoneOfBar,
  rebuildEmaAsset,
} from '../../domain/planning/rebuild.js';
import { indexAfter } from '../../domain/prices/days.js';
import type { EmaAssetStateRow, EmaLagRow, EmaPointRow, EmaStateRow } from '../../storage/emas/emas.js';
import { type AssetSeries, seriesKey } from '../../storage/series/series.js';
import { countDifferences, nearest } from './bars.js';
import type { Rebuilds } from './rebuilds.js';
import { SHAPES, type StoredAsset, storedSeqs } from './stored-asset.js';
import { storedCell, storedDay } from './stored-cells.js';

export interface ExpectedEmas {
  assets: EmaAssetStateRow[];
  lags: EmaLagRow[];
  states: EmaStateRow[];
  points: EmaPointRow[];
  /** Carries without a point that look like those of a series that was never built. */
  optional: EmaStateRow[];
  /** Alignments that are not compared: what they wait for. */
  waiting: Map<Alignment, string>;
  /** Series that have not been built. */
  unbuilt: number;
  /** Series that were built and are gone as a whole: all of their rows are expected. */
  lost: number;
}

export interface EmaScope {
  stored: StoredAsset;
  rebuilds: Rebuilds;
  timeframes: readonly Timeframe[];
  /** dim_period. */
  periods: readonly number[];
  /** How far the bars of each alignment have come; no entry: none of its series is built. */
  barDays: ReadonlyMap<Alignment, Day>;
}

/** One alignment with its watermark settled. */
interface Ground {
  id: number;
  alignment: Alignment;
  timeframes: readonly Timeframe[];
  periods: readonly number[];
  watermark: Day;
}

/** The EMAs that should be stored of an asset that has days. */
export function expectEmas(scope: EmaScope): ExpectedEmas {
  const expected: ExpectedEmas = {
    assets: [],
    lags: [],
    states: [],
    points: [],
    optional: [],
    waiting: new Map(),
    unbuilt: 0,
    lost: 0,
  };
  for (const alignment of ALIGNMENTS) {
    const waitsFor = reasonToWait(scope.stored, alignment);
    if (waitsFor !== null) expected.waiting.set(alignment, waitsFor);
    else expectAlignment(scope, alignment, expected);
  }
  return expected;
}

function assetRow({ emaAssets }: StoredAsset, alignment: Alignment): Buffer | undefined {
  return emaAssets.bySeries.get(alignment)?.[0];
}

function reasonToWait(stored: StoredAsset, alignment: Alignment): string | null {
  const row = assetRow(stored, alignment);
  if (row === undefined) return null;
  const repairFrom = storedDay(SHAPES.emaAssets, row, 'repair_from');
  if (repairFrom !== null) return `repair from ${formatDay(repairFrom)}`;
  const version = storedCell(SHAPES.emaAssets, row, 'kernel_version');
  return version === KERNEL_VERSION ? null : `repair: kernel version ${version} is now ${KERNEL_VERSION}`;
}

function expectAlignment(scope: EmaScope, alignment: Alignment, expected: ExpectedEmas): void {
  const { stored, rebuilds } = scope;
  const timeframes = scope.timeframes.filter((each) => each.alignment === alignment);
  const row = assetRow(stored, alignment);
  const isBuilt =
    row !== undefined ||
    stored.built.emas.alignments.has(alignment) ||
    timeframes.some((each) => isStored(stored, each));
  if (!isBuilt) {
    expected.unbuilt += timeframes.length;
    return;
  }
  const ground = { id: stored.id, alignment, timeframes, periods: periodsOf(scope, timeframes, row) };
  const settled = { ...ground, watermark: watermarkOf(scope, ground, row) };
  const state = rebuildEmaAsset(rebuilds.daysUpTo(settled.watermark), settled.periods);
  if (state !== null) expected.assets.push({ id: stored.id, alignment, state });
  for (const timeframe of timeframes) expectSeries(scope, { ground: settled, timeframe, expected });
}

function isStored({ points, emaStates, lags }: StoredAsset, timeframe: Timeframe): boolean {
  const key = seriesKey(timeframe);
  return points.bySeries.has(key) || emaStates.bySeries.has(key) || lags.bySeries.has(key);
}

/** An asset keeps the periods that it was built with until its EMAs are repaired; what it holds says which those are. */
function periodsOf(
  scope: EmaScope,
  timeframes: readonly Timeframe[],
  row: Buffer | undefined,
): readonly number[] {
  const { rebuilds, stored, periods } = scope;
  const own = row === undefined ? null : (storedCell(SHAPES.emaAssets, row, 'periods') as number[] | null);
  const isRising = own?.every((period, at) => period > (own[at - 1] ?? 0)) === true;
  if (own === null || !isRising || own.length === 0 || own.join() === periods.join()) return periods;
  const upTo = storedDay(SHAPES.emaAssets, row, 'watermark_day') ?? rebuilds.lastDay;
  const differences = (candidate: readonly number[]) =>
    timeframes.reduce((sum, timeframe) => {
      const carry = stored.emaStates.bySeries.get(seriesKey(timeframe))?.[0];
      if (carry === undefined) return sum;
      const { state } = rebuilds.emasUpTo(timeframe, candidate, upTo);
      const { alignment, tf } = timeframe;
      const expected = state === null ? null : { id: stored.id, alignment, tf, state };
      return sum + countDifferences(SHAPES.emaStates, carry, expected);
    }, 0);
  return differences(own) <= differences(periods) ? own : periods;
}

/** The alignment's own watermark, or the one that its points speak for. */
function watermarkOf(scope: EmaScope, ground: Omit<Ground, 'watermark'>, row: Buffer | undefined): Day {
  const { rebuilds, barDays } = scope;
  const { id, alignment, timeframes, periods } = ground;
  const differences = (day: Day) => {
    const state = rebuildEmaAsset(rebuilds.daysUpTo(day), periods);
    return countDifferences(SHAPES.emaAssets, row, state === null ? null : { id, alignment, state });
  };
  const own = storedDay(SHAPES.emaAssets, row, 'watermark_day');
  if (own !== null && differences(own) === 0) return own;
  const cap = alignment === 'v2' ? rebuilds.lastDay : (barDays.get(alignment) ?? rebuilds.lastDay);
  const complete = timeframes
    .filter((timeframe) => isStored(scope.stored, timeframe))
    .map((timeframe) => completeDay(scope, { timeframe, periods, upTo: cap }) ?? Number.NEGATIVE_INFINITY);
  const furthest = complete.length === 0 ? cap : Math.max(...complete);
  return nearest([own, Number.isFinite(furthest) ? furthest : cap], differences);
}

interface SeriesAt {
  timeframe: Timeframe;
  periods: readonly number[];
  upTo: Day;
}

/** How far the points of a series speak for it having come, at most up to `upTo`. */
function completeDay({ rebuilds, stored }: EmaScope, { timeframe, periods, upTo }: SeriesAt): Day | null {
  const days = rebuilds.daysUpTo(upTo);
  const bars = hasBars(timeframe) ? rebuilds.barsUpTo(timeframe, upTo).closed : [];
  const bySeq = new Map(bars.map((bar) => [bar.barSeq, bar]));
  const milestones = rebuilds.emasUpTo(timeframe, periods, upTo).points.map(({ barSeq, day }): Milestone => {
    const bar = bySeq.get(barSeq);
    return bar === undefined ? { seq: barSeq, rows: indexAfter(days, day) } : milestoneOfBar(days, bar);
  });
  return lastCompleteDay(days, milestones, storedSeqs(stored.points, seriesKey(timeframe), 'points'));
}

interface SeriesScope {
  ground: Ground;
  timeframe: Timeframe;
  expected: ExpectedEmas;
}

function expectSeries(scope: EmaScope, { ground, timeframe, expected }: SeriesScope): void {
  const { rebuilds } = scope;
  const { id, alignment, periods, watermark } = ground;
  const series: AssetSeries = { id, alignment, tf: timeframe.tf };
  const isThere = isStored(scope.stored, timeframe);
  if (!isThere && !scope.stored.built.emas.series.has(seriesKey(timeframe))) {
    const { state, points } = rebuilds.emasUpTo(timeframe, periods, watermark);
    if (state !== null && points.length === 0) expected.optional.push({ ...series, state });
    if (state !== null) expected.unbuilt += 1;
    return;
  }
  if (!isThere) expected.lost += 1;
  const day = isThere ? seriesDay(scope, ground, timeframe) : watermark;
  const { state, points } = rebuilds.emasUpTo(timeframe, periods, day);
  if (state !== null) expected.states.push({ ...series, state });
  for (const point of points) expected.points.push({ ...series, point });
  const lag = lagAt(scope, { ground, series, day });
  if (lag !== null) expected.lags.push(lag);
}

/** How far a series has come: as far as its alignment, or as its own lag says, or as its points speak for. */
function seriesDay(scope: EmaScope, ground: Ground, timeframe: Timeframe): Day {
  const { stored, rebuilds } = scope;
  const { id, alignment, periods, watermark } = ground;
  const key = seriesKey(timeframe);
  const series: AssetSeries = { id, alignment, tf: timeframe.tf };
  const lagRow = stored.lags.bySeries.get(key)?.[0];
  const stateRow = stored.emaStates.bySeries.get(key)?.[0];
  const differences = (day: Day) => {
    const { state } = rebuilds.emasUpTo(timeframe, periods, day);
    return (
      countDifferences(SHAPES.lags, lagRow, lagAt(scope, { ground, series, day })) +
      countDifferences(SHAPES.emaStates, stateRow, state === null ? null : { ...series, state })
    );
  };
  const own = Math.min(storedDay(SHAPES.lags, lagRow, 'watermark_day') ?? watermark, watermark);
  if (differences(own) === 0) return own;
  const complete = completeDay(scope, { timeframe, periods, upTo: watermark });
  // Without a carry there are only the points to go by, unless its lag is known.
  const isLagRight =
    lagRow !== undefined &&
    countDifferences(SHAPES.lags, lagRow, lagAt(scope, { ground, series, day: own })) === 0;
  if (stateRow === undefined) return isLagRight ? own : (complete ?? watermark);
  return nearest([own, complete, watermark], differences);
}

/** The lag of a series that has come to this day; null: it is where its alignment is. */
function lagAt(
  { rebuilds }: EmaScope,
  { ground, series, day }: { ground: Ground; series: AssetSeries; day: Day },
): EmaLagRow | null {
  if (day >= ground.watermark) return null;
  const lag = rebuildEmaAsset(rebuilds.daysUpTo(day), ground.periods);
  return lag === null ? null : { ...series, lag };
}
