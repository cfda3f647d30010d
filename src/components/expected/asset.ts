/** All rows that a rebuild has of one asset, beside those that are stored. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment, Timeframe } from '../../domain/calendar/timeframe.js';
import type { DayColumns } from '../../domain/prices/days.js';
import { compareRows, type RowDifference, type TableShape } from '../../storage/copy/differences.js';
import { type AssetSeries, seriesKey } from '../../storage/series/series.js';
import { type ExpectedBars, expectBars } from './bars.js';
import { type ExpectedEmas, expectEmas } from './emas.js';
import { Rebuilds } from './rebuilds.js';
import { type RowOf, SHAPES, type StoredAsset, seriesOfRow } from './stored-asset.js';

/** The tables of series, states before rows. */
export const SERIES_TABLES = ['barStates', 'bars', 'emaAssets', 'lags', 'emaStates', 'points'] as const;
export type SeriesTable = (typeof SERIES_TABLES)[number];

export interface ExpectedAsset {
  rows: { [N in SeriesTable]: RowOf<N>[] };
  /** States without a closed bar or a point: that they are lacking is no difference, the series may never have been built. */
  optional: { barStates: RowOf<'barStates'>[]; emaStates: RowOf<'emaStates'>[] };
  /** Alignments whose EMAs are not compared: what they wait for. */
  waiting: ReadonlyMap<Alignment, string>;
  unbuiltBars: number;
  unbuiltEmas: number;
  /** Series of bars and EMAs that were built and are gone as a whole. */
  lostSeries: number;
}

/** The reference tables. */
export interface Catalogue {
  timeframes: readonly Timeframe[];
  periods: readonly number[];
}

/** What a rebuild from these days has; null: from none. */
export function expectAsset(
  stored: StoredAsset,
  days: DayColumns | null,
  catalogue: Catalogue,
): ExpectedAsset {
  if (days === null || days.length === 0) return expectNothing();
  const rebuilds = new Rebuilds(days);
  const bars = expectBars(stored, catalogue.timeframes, rebuilds);
  const emas = expectEmas({ stored, rebuilds, ...catalogue, barDays: newestDays(bars) });
  return {
    rows: rowsOf(bars, emas),
    optional: { barStates: bars.optional, emaStates: emas.optional },
    waiting: emas.waiting,
    unbuiltBars: bars.unbuilt,
    unbuiltEmas: emas.unbuilt,
    lostSeries: bars.lost + emas.lost,
  };
}

function rowsOf(bars: ExpectedBars, emas: ExpectedEmas): ExpectedAsset['rows'] {
  return {
    barStates: bars.states,
    bars: bars.bars,
    emaAssets: emas.assets,
    lags: emas.lags,
    emaStates: emas.states,
    points: emas.points,
  };
}

function expectNothing(): ExpectedAsset {
  return {
    rows: { barStates: [], bars: [], emaAssets: [], lags: [], emaStates: [], points: [] },
    optional: { barStates: [], emaStates: [] },
    waiting: new Map(),
    unbuiltBars: 0,
    unbuiltEmas: 0,
    lostSeries: 0,
  };
}

function newestDays({ states }: ExpectedBars): Map<Alignment, Day> {
  const newest = new Map<Alignment, Day>();
  for (const { alignment, state } of states) {
    newest.set(alignment, Math.max(newest.get(alignment) ?? state.watermarkDay, state.watermarkDay));
  }
  return newest;
}

/** The differences of one table; rows of alignments that wait are not looked at. */
export function compareTable<N extends SeriesTable>(
  stored: StoredAsset,
  expected: ExpectedAsset,
  name: N,
): RowDifference<RowOf<N>>[] {
  const isEma = name !== 'bars' && name !== 'barStates';
  const rows = isEma ? withoutWaiting(stored, expected, name) : stored[name].rows;
  const shape = SHAPES[name] as unknown as TableShape<RowOf<N>>;
  return compareRows(shape, rows, withStoredOptional(stored, expected, name));
}

function withoutWaiting(
  stored: StoredAsset,
  { waiting }: ExpectedAsset,
  name: SeriesTable,
): Map<string, Buffer> {
  if (waiting.size === 0) return stored[name].rows;
  return new Map(
    [...stored[name].rows].filter(([, bytes]) => {
      const [alignment] = seriesOfRow(name, bytes).split(' ');
      return !waiting.has(alignment as Alignment);
    }),
  );
}

/** An optional row that is stored must be right. */
function withStoredOptional<N extends SeriesTable>(
  stored: StoredAsset,
  { rows, optional }: ExpectedAsset,
  name: N,
): RowOf<N>[] {
  const more: Partial<Record<SeriesTable, readonly AssetSeries[]>> = optional;
  const present = more[name]?.filter((row) => stored[name].bySeries.has(seriesKey(row))) ?? [];
  return [...rows[name], ...(present as RowOf<N>[])];
}
