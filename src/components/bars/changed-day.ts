/** From which day on a repair of bars touches what is derived of them. Pure. */
import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import { BAR_SHAPE, type BarRow } from '../../storage/bars/bars.js';
import { DAILY_SHAPE, type DailyBarRow } from '../../storage/bars/daily-bars.js';
import type { Difference, TableShape } from '../../storage/copy/differences.js';
import type { DerivedCarry } from '../../storage/series/lowering.js';
import { type AssetSeries, seriesKey } from '../../storage/series/series.js';

/** Everything that differs from what the source days make of it. */
export interface Differing {
  daily: readonly Difference<DailyBarRow>[];
  bars: readonly Difference<BarRow>[];
}

/** The columns of 1D bars and of other bars that something is made of, besides their days. */
interface DerivedInputs {
  table: DerivedCarry;
  daily: readonly string[];
  bars: readonly string[];
}

const PRICES = ['open', 'high', 'low', 'close', 'volume'];

/** EMAs read closes, indicators any price and the volume. */
export const DERIVED_INPUTS: readonly DerivedInputs[] = [
  { table: 'ema_carry', daily: ['time_close', 'close'], bars: ['close'] },
  { table: 'indicator_carry', daily: PRICES, bars: PRICES },
];

/** Where the cells stand that say which row it is. */
const DAILY_CELLS = { id: cell(DAILY_SHAPE, 'id'), day: cell(DAILY_SHAPE, 'timestamp') };
const BAR_CELLS = {
  id: cell(BAR_SHAPE, 'id'),
  alignment: cell(BAR_SHAPE, 'alignment'),
  tf: cell(BAR_SHAPE, 'tf'),
  day: cell(BAR_SHAPE, 'last_day'),
};

function cell<T>(shape: TableShape<T>, column: string): number {
  return shape.columns.findIndex(({ name }) => name === column);
}

/** Whether a row has other values in these columns; a row that only one side has does. */
function isOther<T>(
  shape: TableShape<T>,
  { expected, stored }: Difference<T>,
  columns: readonly string[],
): boolean {
  if (expected === null || stored === null) return true;
  return columns.some((name) => {
    const at = cell(shape, name);
    return (stored[at] ?? null) !== (shape.columns[at]?.get(expected) ?? null);
  });
}

/**
 * The first day of each asset on which what is made of these inputs may be another now; an asset without one has no entry,
 * as for EMAs after a corrected high. A bar that opened again (the day after it is gone) changes its closing day. Of series
 * that were built or removed just now nothing is derived yet: `existing` says which asset had which series before, and
 * still has.
 */
export function firstChangedDays(
  { daily, bars }: Differing,
  { existing, inputs }: { existing: ReadonlyMap<number, ReadonlySet<string>>; inputs: DerivedInputs },
): { id: number; day: Day }[] {
  const first = new Map<number, Day>();
  const note = (id: number, days: readonly (Day | null)[]) => {
    for (const day of days) if (day !== null) first.set(id, Math.min(first.get(id) ?? day, day));
  };
  for (const difference of daily) {
    const { expected, stored } = difference;
    const before = stored === null ? null : dayOfUs(stored[DAILY_CELLS.day] as number);
    const after = expected?.bar.day ?? null;
    if (before !== after || isOther(DAILY_SHAPE, difference, inputs.daily))
      note(expected?.id ?? (stored?.[DAILY_CELLS.id] as number), [before, after]);
  }
  for (const difference of bars) {
    const { expected, stored } = difference;
    const before = stored === null ? null : (stored[BAR_CELLS.day] as Day);
    const after = expected?.bar.lastDay ?? null;
    const series = expected ?? seriesOf(stored ?? []);
    const isChanged = before !== after || isOther(BAR_SHAPE, difference, inputs.bars);
    if (isChanged && existing.get(series.id)?.has(seriesKey(series)) === true)
      note(series.id, [before, after]);
  }
  return [...first].map(([id, day]) => ({ id, day }));
}

function seriesOf(stored: readonly unknown[]): AssetSeries {
  const { id, alignment, tf } = BAR_CELLS;
  return { id: stored[id], alignment: stored[alignment], tf: stored[tf] } as AssetSeries;
}
