/** EMAs in memory: takes an asset's new days and closed bars into every series of the alignments that have work. */
import type { Day } from '../../domain/calendar/day.js';
import { hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import {
  type BarCloses,
  type EmaAssetState,
  type EmaSpec,
  type EmaState,
  isEveryDay,
  stepEma,
  stepEmaAsset,
} from '../../domain/emas/series.js';
import type { EmaTask } from '../../domain/planning/plan-emas.js';
import { indexAfter } from '../../domain/prices/days.js';
import type { BarReaches } from '../../storage/bars/bars.js';
import type { EmaCarryRow } from '../../storage/emas/ema-states.js';
import type { DailyCloses, EmaPointRow } from '../../storage/emas/emas.js';
import { type AssetSeries, alignmentKey, type ByAsset, seriesKey } from '../../storage/series/series.js';

/** One alignment of one asset with work to do. */
export interface AssetTask extends EmaTask {
  id: number;
  /** A repair starts from here; null: from the first day, or it is no repair. */
  base: EmaCarryRow | null;
}

/** How far the alignment had come where the task continues; null: it begins with the first day. */
function stateBefore({ base, before }: AssetTask): EmaAssetState | null {
  return base?.asset ?? before;
}

/** What a task continues from, as stored; null: nothing. */
export function rowBefore(task: AssetTask, carries: ReadonlyMap<string, EmaCarryRow>): EmaCarryRow | null {
  if (task.action !== 'append') return task.base;
  return carries.get(alignmentKey(task.id, task.alignment)) ?? null;
}

/** A base as a row that a task continues from; the base stays as it is. */
export function carryOfBase({ id, alignment, asset, series }: EmaCarryRow): CarryInWork {
  const row = { id, alignment, asset, repairFrom: null, series: new Map(series), lags: new Map() };
  return { row, isChanged: true };
}

/** Whether all series of a base can continue from it: it has those of today, and none whose history begins before it. */
export function isFit(base: EmaCarryRow, series: readonly EmaSeries[]): boolean {
  const from = base.asset?.watermarkDay ?? Number.POSITIVE_INFINITY;
  const going = series.filter(({ targetDay }) => targetDay !== null && targetDay >= from);
  const names = new Set(going.map(({ tf }) => tf));
  return series.every(({ isNew }) => !isNew) && [...base.series.keys()].every((tf) => names.has(tf));
}

/** One series of a task. */
export interface EmaSeries extends AssetSeries {
  spec: EmaSpec;
  state: EmaState | null;
  closes: BarCloses;
  /** What it continues from: its own lag, else its alignment's state; null: from the first day. */
  before: EmaAssetState | null;
  /** It had not come as far as its alignment. */
  isLagging: boolean;
  /** Where it goes now; not beyond its bars. null: left alone. */
  targetDay: Day | null;
  /** The asset has come further than this series ever did (a new timeframe): it is built from the first day. */
  isNew: boolean;
}

/** A row that a task continues from, and whether the task has changed it. */
export interface CarryInWork {
  row: EmaCarryRow;
  isChanged: boolean;
}

/** Nothing to continue from. */
export function emptyCarry({ id, alignment }: Pick<AssetTask, 'id' | 'alignment'>): CarryInWork {
  const row = { id, alignment, asset: null, repairFrom: null, series: new Map(), lags: new Map() };
  return { row, isChanged: false };
}

export interface SeriesInput {
  timeframes: readonly Timeframe[];
  /** Timeframes asked for; null = all. */
  tfs: readonly string[] | null;
  periods: readonly number[];
  /** What is stored, by alignmentKey. */
  carries: ReadonlyMap<string, EmaCarryRow>;
  closes: ByAsset<BarCloses>;
  /** How far the bars of each series have come. */
  bars: BarReaches;
}

const NO_CLOSES: BarCloses = {
  length: 0,
  barSeq: new Int32Array(0),
  day: new Int32Array(0),
  close: new Float64Array(0),
};

/** The series of a task, with what they continue from and the bars that they have to take in. */
export function listSeries(task: AssetTask, input: SeriesInput): EmaSeries[] {
  return input.timeframes
    .filter((timeframe) => timeframe.alignment === task.alignment)
    .map((timeframe) => seriesOf(task, timeframe, input));
}

function seriesOf(task: AssetTask, timeframe: Timeframe, input: SeriesInput): EmaSeries {
  const { id, alignment } = task;
  const { tf, nominalDays } = timeframe;
  const key = seriesKey({ alignment, tf });
  const spec: EmaSpec = { alignment, tf, tfDays: nominalDays, periods: input.periods };
  const hasState = input.carries.get(alignmentKey(id, alignment))?.series.has(tf) === true;
  const row = rowBefore(task, input.carries);
  const state = row?.series.get(tf) ?? null;
  const lag = row?.lags.get(tf);
  const isFromStart = row === null && task.action !== 'append';
  const alignmentState = stateBefore(task);
  const before =
    alignmentState === null || lag === undefined ? alignmentState : { ...alignmentState, ...lag };
  const targetDay = targetOf(task, timeframe, { input, hasState });
  const closes = closesUpTo(input.closes.get(id)?.get(key) ?? NO_CLOSES, targetDay);
  return {
    id,
    alignment,
    tf,
    spec,
    state,
    closes,
    before,
    // A rebuild has deleted its lag with everything else, a repair replaces it: no later write has to.
    isLagging: lag !== undefined,
    targetDay,
    isNew: !isFromStart && targetDay !== null && state === null && isLate(before, spec, closes),
  };
}

/** Series that are not asked for continue only where everything of their alignment is rebuilt. */
function targetOf(
  task: AssetTask,
  timeframe: Timeframe,
  { input, hasState }: { input: SeriesInput; hasState: boolean },
): Day | null {
  const isAsked = input.tfs === null || input.tfs.includes(timeframe.tf);
  if (!isAsked && (task.action === 'append' || !hasState)) return null;
  if (!hasBars(timeframe)) return task.targetDay;
  const reach = input.bars.get(alignmentKey(task.id, task.alignment))?.get(timeframe.tf);
  return reach === undefined ? null : Math.min(reach.day, task.targetDay);
}

/** Bars that closed after the target belong to a later run. */
function closesUpTo(closes: BarCloses, targetDay: Day | null): BarCloses {
  const length = targetDay === null ? 0 : indexAfter(closes, targetDay);
  return length === closes.length ? closes : { ...closes, length };
}

/** Whether a series without a carry should have one at its watermark. */
function isLate(before: EmaAssetState | null, spec: EmaSpec, closes: BarCloses): boolean {
  if (before === null) return false;
  if (spec.alignment === 'v2')
    return before.rowCount >= spec.tfDays * (spec.periods[0] ?? Number.POSITIVE_INFINITY);
  if (isEveryDay(spec)) return before.rowCount > 0;
  // A first bar that closed on the watermark itself only became known as closed by a later day.
  return closes.length > 0 && (closes.day[0] as number) < before.watermarkDay;
}

/** 1D bars after which a task and its series need daily closes. */
export function rowNeeded(task: AssetTask, series: readonly EmaSeries[]): number {
  let row = stateBefore(task)?.rowCount ?? 0;
  for (const { isNew, before, targetDay } of series) {
    if (targetDay !== null) row = Math.min(row, isNew ? 0 : (before?.rowCount ?? 0));
  }
  return row;
}

/** The days of a task and the state that they lead to: the same for each of its series that goes the same way. */
interface Way {
  before: EmaAssetState | null;
  targetDay: Day;
  days: DailyCloses;
  after: EmaAssetState;
}

interface StepOptions {
  /** The asset's closes from rowNeeded on; null: there are none. */
  daily: DailyCloses | null;
  periods: readonly number[];
  /** Changed on the way. */
  carry: CarryInWork;
  /** Called for every series that got points. */
  onSeries?: (series: AssetSeries, points: number) => void;
}

/**
 * Steps one task: its series, then its alignment, then who of them stays behind. Gives the points one by one, as they
 * come; `carry` is whole when the last one was taken.
 */
export function* stepTask(
  task: AssetTask,
  series: readonly EmaSeries[],
  options: StepOptions,
): Generator<EmaPointRow> {
  const { daily, periods, carry } = options;
  const { row } = carry;
  const { targetDay } = task;
  const before = stateBefore(task);
  const days = sliceDays(daily, before?.rowCount ?? 0, targetDay);
  const after = stepEmaAsset(before, days, periods);
  if (after !== before) {
    // What was to be repaired is repaired by the transaction that writes a watermark.
    Object.assign(row, { asset: after, repairFrom: null });
    carry.isChanged = true;
  }
  const way: Way = { before, targetDay, days, after };
  for (const each of series) {
    const reached = each.targetDay === null ? each.before : yield* stepSeries(each, way, options);
    if (reached === null || (each.state === null && each.targetDay === null)) continue;
    const isBehind = reached.watermarkDay < after.watermarkDay;
    const hasMoved = reached.watermarkDay !== each.before?.watermarkDay;
    if (isBehind && (!each.isLagging || hasMoved)) {
      row.lags.set(each.tf, reached);
      carry.isChanged = true;
    } else if (!isBehind && each.isLagging) {
      row.lags.delete(each.tf);
      carry.isChanged = true;
    }
  }
}

/** Steps one series to its target and returns how far it has come. */
function* stepSeries(
  series: EmaSeries,
  way: Way,
  { daily, periods, carry, onSeries }: StepOptions,
): Generator<EmaPointRow, EmaAssetState | null> {
  const { id, alignment, tf, spec, state, closes, isNew, targetDay } = series;
  const before = isNew ? null : series.before;
  const isOnWay = before === way.before && targetDay === way.targetDay;
  const days = isOnWay
    ? way.days
    : sliceDays(daily, before?.rowCount ?? 0, targetDay ?? Number.NEGATIVE_INFINITY);
  if (before === null && days.length === 0) return null;
  const step = stepEma(spec, state, { days, closes, before });
  for (const point of step.points) yield { id, alignment, tf, point };
  if (step.points.length > 0) onSeries?.(series, step.points.length);
  if (step.state !== null && !isSameState(state, step.state)) {
    carry.row.series.set(tf, step.state);
    carry.isChanged = true;
  }
  return isOnWay ? way.after : stepEmaAsset(before, days, periods);
}

/** The days after a number of rows up to the target. */
function sliceDays(daily: DailyCloses | null, afterRow: number, targetDay: Day): DailyCloses {
  const end = daily === null ? 0 : indexAfter(daily, targetDay);
  const from = daily === null ? 0 : Math.min(end, Math.max(0, afterRow - daily.firstBarSeq + 1));
  return {
    length: end - from,
    firstBarSeq: (daily?.firstBarSeq ?? 1) + from,
    day: (daily?.day ?? new Int32Array(0)).subarray(from, end),
    close: (daily?.close ?? new Float64Array(0)).subarray(from, end),
    timeCloseUs: (daily?.timeCloseUs ?? new Float64Array(0)).subarray(from, end),
  };
}

function isSameState(before: EmaState | null, after: EmaState): boolean {
  return (
    before !== null &&
    before.inputCount === after.inputCount &&
    before.barSeq === after.barSeq &&
    before.lastCloseDay === after.lastCloseDay &&
    before.closeSum === after.closeSum &&
    isSameArray(before.ema, after.ema) &&
    isSameArray(before.emaBar, after.emaBar)
  );
}

function isSameArray(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
