/** What a rebuild has of one asset's bars, each series as far as it has come. */
import type { Bar } from '../../domain/bars/bar.js';
import type { Day } from '../../domain/calendar/day.js';
import { type BarAlignment, hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import { lastCompleteDay, milestoneOfBar } from '../../domain/planning/rebuild.js';
import type { DayColumns } from '../../domain/prices/days.js';
import type { BarRow, BarStateRow } from '../../storage/bars/bars.js';
import { differingColumns, type TableShape } from '../../storage/copy/differences.js';
import { seriesKey } from '../../storage/series/series.js';
import type { Rebuilds } from './rebuilds.js';
import { SHAPES, type StoredAsset, storedSeqs } from './stored-asset.js';
import { storedDay } from './stored-cells.js';

export interface ExpectedBars {
  bars: BarRow[];
  states: BarStateRow[];
  /** States without a closed bar that look like those of a series that was never built. */
  optional: BarStateRow[];
  /** Series that have not been built. */
  unbuilt: number;
  /** Series that were built and are gone as a whole: all of their rows are expected. */
  lost: number;
}

/** The bars that should be stored of an asset that has days. */
export function expectBars(
  stored: StoredAsset,
  timeframes: readonly Timeframe[],
  rebuilds: Rebuilds,
): ExpectedBars {
  const expected: ExpectedBars = { bars: [], states: [], optional: [], unbuilt: 0, lost: 0 };
  for (const timeframe of timeframes.filter(hasBars)) expectSeries(stored, timeframe, { rebuilds, expected });
  return expected;
}

function expectSeries(
  stored: StoredAsset,
  timeframe: Timeframe & { alignment: BarAlignment },
  { rebuilds, expected }: { rebuilds: Rebuilds; expected: ExpectedBars },
): void {
  const { id } = stored;
  const { alignment, tf } = timeframe;
  const key = seriesKey(timeframe);
  const seqs = storedSeqs(stored.bars, key, 'bars');
  const row = stored.barStates.bySeries.get(key)?.[0];
  const stateAt = (day: Day): BarStateRow | null => {
    const { state } = rebuilds.barsUpTo(timeframe, day);
    return state === null ? null : { id, alignment, tf, state };
  };
  const { days, lastDay } = rebuilds;
  const full = rebuilds.barsUpTo(timeframe, lastDay);
  const isLost = row === undefined && seqs.size === 0;
  if (isLost && !stored.built.bars.series.has(key)) {
    const state = stateAt(lastDay);
    if (full.closed.length === 0 && state !== null) expected.optional.push(state);
    expected.unbuilt += 1;
    return;
  }
  const complete = lastCompleteDay(days, milestones(days, full.closed), seqs);
  if (isLost) expected.lost += 1;
  // Of a series that is gone as a whole nothing says how far it had come: all of it is missing.
  const day = isLost
    ? lastDay
    : nearest(
        [storedDay(SHAPES.barStates, row, 'watermark_day'), complete, complete === null ? lastDay : null],
        (each) => countDifferences(SHAPES.barStates, row, stateAt(each)),
      );
  const state = stateAt(day);
  if (state !== null) expected.states.push(state);
  for (const bar of rebuilds.barsUpTo(timeframe, day).closed) expected.bars.push({ id, alignment, tf, bar });
}

function milestones(days: DayColumns, closed: readonly Bar[]) {
  return closed.map((bar) => milestoneOfBar(days, bar));
}

/**
 * The day at which fewest columns differ, the first of equal ones. So a row that is right at its own watermark is
 * right, a wrong value is that one value, and a wrong watermark is that one watermark.
 */
export function nearest(candidates: readonly (Day | null)[], differences: (day: Day) => number): Day {
  let best: { day: Day; count: number } | null = null;
  for (const day of new Set(candidates)) {
    if (day === null || best?.count === 0) continue;
    const count = differences(day);
    if (best === null || count < best.count) best = { day, count };
  }
  if (best === null) throw new Error('no day to rebuild up to');
  return best.day;
}

/** Columns in which a stored row is not the expected one; a row that only one side has differs in all of them. */
export function countDifferences<T>(
  shape: TableShape<T>,
  stored: Buffer | undefined,
  expected: T | null,
): number {
  if (stored === undefined && expected === null) return 0;
  if (stored === undefined || expected === null) return shape.columns.length;
  return differingColumns(shape, stored, expected).length;
}
