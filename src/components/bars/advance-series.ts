/** Bars of every timeframe: takes the days that a series has not seen and writes what closed. */
import { type BarState, stepBars } from '../../domain/bars/bar.js';
import type { Day } from '../../domain/calendar/day.js';
import { type BarAlignment, hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import type { DayColumns } from '../../domain/prices/days.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import { type BarCarry, readBarCarries, upsertBarCarries } from '../../storage/bars/bar-states.js';
import { type BarRow, deleteStrayBars, writeBars } from '../../storage/bars/bars.js';
import { type DaysWanted, readDays } from '../../storage/bars/daily-bars.js';
import { type AssetSeries, alignmentKey, seriesKey } from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';
import type { SeriesEvent } from '../writing/refresh-assets.js';
import { bookWrites, type WriteTally, writeStream } from '../writing/write-tally.js';

/** An asset whose series are to catch up with its 1D bars. */
export interface AssetToAdvance {
  id: number;
  /** Day of its newest 1D bar; null: it has none. */
  lastDay: Day | null;
  /** 1D bars of this transaction, when there are any. */
  newDays: DayColumns | null;
  /** Day of the newest 1D bar before this transaction: a series at this day needs newDays only. */
  levelDay: Day | null;
  /** Series that are worked on besides those of the alignments asked for: they existed before a rebuild. */
  existing: ReadonlySet<string>;
}

interface AdvanceOptions {
  alignments: readonly BarAlignment[];
  /** Timeframes asked for; null = all. */
  tfs: readonly string[] | null;
  tally: WriteTally;
}

type BarTimeframe = Timeframe & { alignment: BarAlignment };

/** A series with the state to continue from; null from the first day. */
interface Series extends AssetSeries {
  timeframe: BarTimeframe;
  state: BarState | null;
  /** The row that its state belongs to. */
  carry: BarCarry;
}

/** Brings the series of these assets to their newest 1D bar; returns an event per series that got bars. */
export async function advanceSeries(
  tx: Tx,
  assets: readonly AssetToAdvance[],
  options: AdvanceOptions,
): Promise<SeriesEvent[]> {
  const moved = new Set<BarCarry>();
  const behind = await listSeriesBehind(tx, assets, { ...options, moved });
  const days = await readDaysNeeded(tx, assets, behind);
  const events: SeriesEvent[] = [];
  // Bars are made while the database takes those before them, and never held all at once.
  const bars = function* (): Generator<BarRow> {
    for (const [id, series] of behind) {
      for (const { alignment, tf, timeframe, state, carry } of series) {
        const step = stepBars(timeframe, state, days.get(id) as DayColumns);
        for (const bar of step.closed) yield { id, alignment, tf, bar };
        if (step.state !== null && step.state !== state) {
          carry.series.set(tf, step.state);
          moved.add(carry);
        }
        if (step.closed.length > 0)
          events.push({ type: 'series', id, alignment, tf, rows: step.closed.length });
      }
    }
  };
  const { tally } = options;
  await writeStream(tally, 'price_bars', { rows: bars(), write: (rows) => writeBars(tx, rows) });
  if (moved.size > 0) {
    const rows = [...moved];
    bookWrites(tally, 'bar_carry', { rows, written: (await upsertBarCarries(tx, rows)).length });
  }
  return events;
}

/**
 * Every series asked for whose watermark is not the asset's newest 1D bar, by asset. Series of timeframes that were taken
 * out of dim_timeframe leave their rows, which are `moved` then.
 */
async function listSeriesBehind(
  tx: Tx,
  assets: readonly AssetToAdvance[],
  { alignments, tfs, moved }: AdvanceOptions & { moved: Set<BarCarry> },
): Promise<Map<number, Series[]>> {
  const timeframes = (await readTimeframes(tx)).filter(hasBars);
  const ids = assets.map(({ id }) => id);
  const carries = await readBarCarries(tx, ids, alignments);
  const known = new Set(timeframes.map(seriesKey));
  for (const carry of carries.values())
    for (const tf of carry.series.keys())
      if (!known.has(seriesKey({ alignment: carry.alignment, tf }))) {
        carry.series.delete(tf);
        moved.add(carry);
      }
  const behind = new Map<number, Series[]>();
  const strays: AssetSeries[] = [];
  for (const { id, lastDay, existing } of assets) {
    if (lastDay === null) continue;
    const series: Series[] = [];
    for (const timeframe of timeframes) {
      const { alignment, tf } = timeframe;
      const isAsked = alignments.includes(alignment) && (tfs === null || tfs.includes(tf));
      if (!isAsked && !existing.has(seriesKey(timeframe))) continue;
      const carry = carryOf(carries, id, alignment);
      const state = carry.series.get(tf) ?? null;
      if (state === null || state.watermarkDay < lastDay)
        series.push({ id, alignment, tf, timeframe, state, carry });
    }
    strays.push(...series.filter(({ state }) => state === null));
    if (series.length > 0) behind.set(id, series);
  }
  if (strays.length > 0) await deleteStrayBars(tx, strays);
  return behind;
}

/** The row of an asset and alignment; a new one where there is none. */
function carryOf(carries: Map<string, BarCarry>, id: number, alignment: BarAlignment): BarCarry {
  const key = alignmentKey(id, alignment);
  const carry = carries.get(key) ?? { id, alignment, series: new Map() };
  carries.set(key, carry);
  return carry;
}

/** The days that the series of each asset need: the new ones, or from the table where a series lags further behind. */
async function readDaysNeeded(
  tx: Tx,
  assets: readonly AssetToAdvance[],
  behind: ReadonlyMap<number, readonly Series[]>,
): Promise<Map<number, DayColumns>> {
  const days = new Map<number, DayColumns>();
  const wanted: DaysWanted[] = [];
  for (const { id, newDays, levelDay } of assets) {
    const series = behind.get(id);
    if (series === undefined) continue;
    const isLevel = series.every(({ state }) => (state?.watermarkDay ?? null) === levelDay);
    if (isLevel && newDays !== null) days.set(id, newDays);
    else wanted.push({ id, afterDay: lowestWatermark(series) });
  }
  for (const [id, stored] of await readDays(tx, wanted)) days.set(id, stored);
  return days;
}

function lowestWatermark(series: readonly Series[]): Day | null {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { state } of series) lowest = Math.min(lowest, state?.watermarkDay ?? Number.NEGATIVE_INFINITY);
  return Number.isFinite(lowest) ? lowest : null;
}
