/** Which day's EMAs a repair of bars touches first. Pure. */
import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import { BAR_SHAPE, type BarRow } from '../../storage/bars/bars.js';
import { DAILY_SHAPE, type DailyBarRow } from '../../storage/bars/daily-bars.js';
import type { Difference, TableShape } from '../../storage/copy/differences.js';
import { type AssetSeries, seriesKey } from '../../storage/series/series.js';

/** Everything that differs from what the source days make of it. */
export interface Differing {
  daily: readonly Difference<DailyBarRow>[];
  bars: readonly Difference<BarRow>[];
}

/** Where the cells stand that EMAs are made of. */
const DAILY_CELLS = {
  id: cell(DAILY_SHAPE, 'id'),
  day: cell(DAILY_SHAPE, 'timestamp'),
  ts: cell(DAILY_SHAPE, 'time_close'),
  close: cell(DAILY_SHAPE, 'close'),
};
const BAR_CELLS = {
  id: cell(BAR_SHAPE, 'id'),
  alignment: cell(BAR_SHAPE, 'alignment'),
  tf: cell(BAR_SHAPE, 'tf'),
  day: cell(BAR_SHAPE, 'last_day'),
  close: cell(BAR_SHAPE, 'close'),
};

function cell<T>(shape: TableShape<T>, column: string): number {
  return shape.columns.findIndex(({ name }) => name === column);
}

/**
 * The first day of each asset whose EMAs may be others now; an asset without one has no entry, as after a corrected high.
 * A bar that opened again (the day after it is gone) changes its closing day. Series that were built or removed just now
 * have no EMAs to change: `existing` says which asset had which series before, and still has.
 */
export function firstChangedDays(
  { daily, bars }: Differing,
  existing: ReadonlyMap<number, ReadonlySet<string>>,
): { id: number; day: Day }[] {
  const first = new Map<number, Day>();
  const note = (id: number, days: readonly (Day | null)[]) => {
    for (const day of days) if (day !== null) first.set(id, Math.min(first.get(id) ?? day, day));
  };
  for (const { expected, stored } of daily) {
    const before = stored === null ? null : dayOfUs(stored[DAILY_CELLS.day] as number);
    const after = expected?.bar.day ?? null;
    const isSame =
      before === after &&
      stored?.[DAILY_CELLS.ts] === expected?.bar.timeCloseUs &&
      stored?.[DAILY_CELLS.close] === expected?.bar.close;
    if (!isSame) note(expected?.id ?? (stored?.[DAILY_CELLS.id] as number), [before, after]);
  }
  for (const { expected, stored } of bars) {
    const before = stored === null ? null : (stored[BAR_CELLS.day] as Day);
    const after = expected?.bar.lastDay ?? null;
    const isSame = before === after && stored?.[BAR_CELLS.close] === expected?.bar.close;
    const series = expected ?? seriesOf(stored ?? []);
    if (!isSame && existing.get(series.id)?.has(seriesKey(series)) === true) note(series.id, [before, after]);
  }
  return [...first].map(([id, day]) => ({ id, day }));
}

function seriesOf(stored: readonly unknown[]): AssetSeries {
  const { id, alignment, tf } = BAR_CELLS;
  return { id: stored[id], alignment: stored[alignment], tf: stored[tf] } as AssetSeries;
}
