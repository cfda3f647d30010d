/** What a build from the first day stores: repair writes it, verify and state rebuild compare with it. Pure. */
import { type Bar, type BarState, stepBars } from '../bars/bar.js';
import type { Day } from '../calendar/day.js';
import type { Timeframe } from '../calendar/timeframe.js';
import {
  type BarCloses,
  type EmaAssetState,
  type EmaPoint,
  type EmaState,
  stepEma,
  stepEmaAsset,
} from '../emas/series.js';
import { type DayColumns, indexAfter } from '../prices/days.js';

/** Bars of one series, all from its first day. */
export interface RebuiltBars {
  /** null: there is no day. */
  state: BarState | null;
  closed: Bar[];
}

/** EMAs of one series, all from its first day. */
export interface RebuiltEmas {
  /** null: no input yet (v2: no value yet). */
  state: EmaState | null;
  points: EmaPoint[];
}

/** The days up to and including the given one; the columns are shared, not copied. */
export function daysUpTo(days: DayColumns, day: Day): DayColumns {
  const length = indexAfter(days, day);
  if (length === days.length) return days;
  const cut = Object.entries(days).map(([name, column]) => [
    name,
    ArrayBuffer.isView(column) ? (column as Float64Array).subarray(0, length) : column,
  ]);
  return { ...Object.fromEntries(cut), length } as DayColumns;
}

/** Bars of a timeframe that has bars. `days` begin with the asset's first. */
export function rebuildBars(timeframe: Timeframe, days: DayColumns): RebuiltBars {
  return stepBars(timeframe, null, days);
}

/** EMAs after `days`, of which `closed` are the bars that have closed by then (not looked at for v2 and multi_tf 1D). */
export function rebuildEmas(
  timeframe: Timeframe,
  periods: readonly number[],
  { days, closed }: { days: DayColumns; closed: readonly Bar[] },
): RebuiltEmas {
  const { alignment, tf, nominalDays } = timeframe;
  const closes: BarCloses = {
    length: closed.length,
    barSeq: Int32Array.from(closed, ({ barSeq }) => barSeq),
    day: Int32Array.from(closed, ({ lastDay }) => lastDay),
    close: Float64Array.from(closed, ({ close }) => close),
  };
  return stepEma({ alignment, tf, tfDays: nominalDays, periods }, null, { days, closes, before: null });
}

/** The EMA watermark after `days`; null: there is no day. */
export function rebuildEmaAsset(days: DayColumns, periods: readonly number[]): EmaAssetState | null {
  return days.length === 0 ? null : stepEmaAsset(null, days, periods);
}

/** A row that a rebuild stores, and with how many days of the asset it can first be there. */
export interface Milestone {
  seq: number;
  rows: number;
}

/** A bar closes with its last scheduled day or, when that is missing, with the first row after it. */
export function milestoneOfBar(days: DayColumns, bar: Bar): Milestone {
  return { seq: bar.barSeq, rows: indexAfter(days, bar.lastDay) + (bar.countDaysRemaining === 0 ? 0 : 1) };
}

/**
 * How far a series can have come that has stored these rows: the day before the first one that is missing. Rows after
 * a missing one mean that it was lost, not that the series lags: then, as when none is missing, the newest day.
 * null: not a single day.
 */
export function lastCompleteDay(
  days: DayColumns,
  milestones: readonly Milestone[],
  stored: ReadonlySet<number>,
): Day | null {
  const missing = milestones.findIndex(({ seq }) => !stored.has(seq));
  const isLagging = missing >= 0 && !milestones.slice(missing).some(({ seq }) => stored.has(seq));
  const index = isLagging ? (milestones[missing]?.rows ?? 0) - 2 : days.length - 1;
  return days.day[index] ?? null;
}
