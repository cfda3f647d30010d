/** Indicators in memory: takes the new bars of each series of one asset and alignment into what it continues from. */
import type { Day } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import { advanceSet, type SetAdvance } from '../../domain/indicators/advance-set.js';
import type { IndicatorStop } from '../../domain/indicators/parts/kind.js';
import type { IndicatorSet } from '../../domain/indicators/set.js';
import type { IndicatorTask } from '../../domain/planning/plan-indicators.js';
import { type ClosedBars, NO_BARS, type OpenSeries } from '../../storage/indicators/bars.js';
import type { IndicatorCarryRow, IndicatorSeriesState } from '../../storage/indicators/indicator-states.js';
import type { IndicatorPointRow } from '../../storage/indicators/points.js';
import { type AssetSeries, type ByAsset, seriesKey } from '../../storage/series/series.js';

/** One alignment of one asset with work to do. */
export interface AssetTask extends IndicatorTask {
  id: number;
}

/** A series that has no values of an indicator from some bar on. */
export interface SeriesStop extends AssetSeries, IndicatorStop {
  name: string;
}

/** A row that a task continues from, changed on the way. */
export interface CarryInWork {
  row: IndicatorCarryRow;
  isChanged: boolean;
  /** What has stopped in the series that were stepped. */
  stops: SeriesStop[];
}

/** Nothing to continue from. */
export function emptyCarry(
  { id, alignment }: { id: number; alignment: BarAlignment },
  set: IndicatorSet,
): CarryInWork {
  const row: IndicatorCarryRow = {
    ...{ id, alignment, identities: set.identities, outputs: set.outputs },
    ...{ watermarkDay: null, repairFrom: null, series: new Map() },
  };
  return { row, isChanged: false, stops: [] };
}

/** One series that continues. */
export interface IndicatorSeries extends AssetSeries {
  bars: OpenSeries;
  /** null: from the first bar. */
  before: IndicatorSeriesState | null;
}

export interface StepInput {
  set: IndicatorSet;
  closed: ByAsset<ClosedBars>;
  /** Called for every series that got points. */
  onSeries?: (series: AssetSeries, points: number) => void;
}

/**
 * Steps the series of one task into `carry`, and gives the points one by one as they come; `carry` is whole when the last
 * one was taken.
 */
export function* stepTask(
  carry: CarryInWork,
  series: readonly IndicatorSeries[],
  { set, closed, onSeries }: StepInput,
): Generator<IndicatorPointRow> {
  const { row, stops } = carry;
  for (const group of groupsOf(series, set)) {
    const bars = group.map((each) => closed.get(each.id)?.get(seriesKey(each)) ?? NO_BARS);
    const advances = advanceSet(
      set,
      group.map(({ before, bars: { open } }, index) => ({
        before: before === null ? null : { position: before.bars, numbers: before.numbers },
        closed: bars[index] ?? NO_BARS,
        open,
      })),
    );
    for (const [index, each] of group.entries()) {
      const { id, alignment, tf } = each;
      const advance = advances[index] as SetAdvance;
      const { points, state } = keepAdvance(each, bars[index] ?? NO_BARS, advance);
      for (const { barSeq, day, values } of points) yield { id, alignment, tf, barSeq, day, values };
      if (points.length > 0) onSeries?.(each, points.length);
      row.series.set(tf, state);
      carry.isChanged = true;
      for (const [name, stop] of advance.stops) stops.push({ ...{ id, alignment, tf, name }, ...stop });
    }
  }
  row.watermarkDay = newestDay(row);
  row.identities = identitiesAfter(set, stops);
}

/** Series that are stepped together where somebody else computes: asking takes its time. */
const TOGETHER = 64;

function groupsOf(series: readonly IndicatorSeries[], { indicators }: IndicatorSet): IndicatorSeries[][] {
  const size = indicators.some(({ stepMany }) => stepMany !== undefined) ? TOGETHER : 1;
  return Array.from({ length: Math.ceil(series.length / size) }, (_, index) =>
    series.slice(index * size, (index + 1) * size),
  );
}

/** What a row is written for. An indicator that did not come to its end is another one: the next run repairs it. */
function identitiesAfter({ indicators, identities }: IndicatorSet, stops: readonly SeriesStop[]): string[] {
  const unfinished = new Set(stops.filter(({ isPassing }) => isPassing).map(({ name }) => name));
  return identities.map((identity, index) =>
    unfinished.has(indicators[index]?.name ?? '') ? `${identity} unfinished` : identity,
  );
}

/** The newest day that a series of a row has taken in; null: it has none. */
export function newestDay({ series }: IndicatorCarryRow): Day | null {
  let newest: Day | null = null;
  for (const { takenDay } of series.values()) newest = Math.max(newest ?? takenDay, takenDay);
  return newest;
}

function keepAdvance(
  { before, bars }: IndicatorSeries,
  closed: ClosedBars,
  { values, preview, state }: SetAdvance,
): { points: Pick<IndicatorPointRow, 'barSeq' | 'day' | 'values'>[]; state: IndicatorSeriesState } {
  const points = values.flatMap((ofBar, at) =>
    ofBar.length === 0
      ? []
      : [{ barSeq: closed.barSeq[at] as number, day: closed.day[at] as Day, values: ofBar }],
  );
  const newest = values.at(-1) ?? before?.values ?? new Float64Array(0);
  return {
    points,
    state: {
      barSeq: bars.closedSeq,
      bars: state.position,
      takenDay: bars.day,
      closeDay: closed.length > 0 ? (closed.day[closed.length - 1] as Day) : (before?.closeDay ?? null),
      values: newest,
      preview: preview ?? newest,
      numbers: state.numbers,
    },
  };
}
