/** EMAs in memory: takes an asset's new days and closed bars into every series of the alignments that have work. */
import { indexAfter } from '../../domain/days.js';
import {
  type BarCloses,
  type EmaSpec,
  type EmaState,
  isEveryDay,
  stepEma,
  stepEmaAsset,
} from '../../domain/ema-series.js';
import type { EmaTask } from '../../domain/plan-emas.js';
import type { Timeframe } from '../../domain/timeframe.js';
import type { DailyCloses, EmaAssetStateRow, EmaPointRow, EmaStateRow } from '../../storage/emas.js';
import { type AssetSeries, type ByAsset, seriesKey } from '../../storage/series.js';

/** One alignment of one asset with work to do. */
export interface AssetTask extends EmaTask {
  id: number;
}

/** One series of a task. */
export interface EmaSeries extends AssetSeries {
  task: AssetTask;
  spec: EmaSpec;
  state: EmaState | null;
  closes: BarCloses;
  /** The asset has come further than this series ever did (a new timeframe): it is built from the first day. */
  isNew: boolean;
}

/** What is to be written. */
export interface EmaWrites {
  points: EmaPointRow[];
  states: EmaStateRow[];
  assets: EmaAssetStateRow[];
}

export interface SeriesInput {
  timeframes: readonly Timeframe[];
  periods: readonly number[];
  states: ByAsset<EmaState>;
  closes: ByAsset<BarCloses>;
}

const NO_CLOSES: BarCloses = {
  length: 0,
  barSeq: new Int32Array(0),
  day: new Int32Array(0),
  close: new Float64Array(0),
};

/** The series of a task, with what they go on from and the bars that they have to take in. */
export function listSeries(task: AssetTask, input: SeriesInput): EmaSeries[] {
  const { id, alignment } = task;
  return input.timeframes
    .filter((timeframe) => timeframe.alignment === alignment)
    .map(({ tf, nominalDays }) => {
      const key = seriesKey({ alignment, tf });
      const spec: EmaSpec = { alignment, tf, tfDays: nominalDays, periods: input.periods };
      const state = input.states.get(id)?.get(key) ?? null;
      const closes = closesUpTo(input.closes.get(id)?.get(key) ?? NO_CLOSES, task.targetDay);
      return {
        id,
        alignment,
        tf,
        task,
        spec,
        state,
        closes,
        isNew: state === null && isLate(task, spec, closes),
      };
    });
}

/** Bars that closed after the target belong to a later run. */
function closesUpTo(closes: BarCloses, targetDay: number): BarCloses {
  const length = indexAfter(closes, targetDay);
  return length === closes.length ? closes : { ...closes, length };
}

/** Whether a series without a carry should have one at the task's watermark. */
function isLate({ before }: AssetTask, spec: EmaSpec, closes: BarCloses): boolean {
  if (before === null) return false;
  if (spec.alignment === 'v2')
    return before.rowCount >= spec.tfDays * (spec.periods[0] ?? Number.POSITIVE_INFINITY);
  if (isEveryDay(spec)) return before.rowCount > 0;
  // A first bar that closed on the watermark itself only became known as closed by a later day.
  return closes.length > 0 && (closes.day[0] as number) < before.watermarkDay;
}

/** 1D bars after which a task and its series need daily closes. */
export function rowNeeded(task: AssetTask, series: readonly EmaSeries[]): number {
  return series.some(({ isNew }) => isNew) ? 0 : (task.before?.rowCount ?? 0);
}

/** Steps one task; `daily` holds the asset's closes from rowNeeded on, null when there are none. */
export function stepTask(
  task: AssetTask,
  series: readonly EmaSeries[],
  options: { daily: DailyCloses | null; periods: readonly number[]; writes: EmaWrites },
): void {
  const { daily, periods, writes } = options;
  const { id, alignment, before, targetDay } = task;
  const since = (row: number) => sliceDays(daily, row, targetDay);
  const newDays = since(before?.rowCount ?? 0);
  for (const { tf, spec, state, closes, isNew } of series) {
    const input = isNew ? { days: since(0), closes, before: null } : { days: newDays, closes, before };
    const step = stepEma(spec, state, input);
    for (const point of step.points) writes.points.push({ id, alignment, tf, point });
    if (step.state !== null && !isSameState(state, step.state)) {
      writes.states.push({ id, alignment, tf, state: step.state });
    }
  }
  const after = stepEmaAsset(before, newDays, periods);
  if (after !== before) writes.assets.push({ id, alignment, state: after });
}

/** The days after a number of rows up to the target. */
function sliceDays(daily: DailyCloses | null, afterRow: number, targetDay: number): DailyCloses {
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
