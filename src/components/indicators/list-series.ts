/** Which series of an asset and alignment continue, and from where. */
import type { BarsWanted, OpenSeries } from '../../storage/indicators/bars.js';
import type { AssetSeries } from '../../storage/series/series.js';
import type { AssetTask, CarryInWork, IndicatorSeries } from '../expected/step-indicators.js';

export interface SeriesScope {
  /** Every series of bars of the asset, by seriesKey. */
  bars: ReadonlyMap<string, OpenSeries>;
  /** Timeframes asked for; null = all. */
  tfs: readonly string[] | null;
  /** Timeframes that the task had when it began again. */
  known: ReadonlySet<string>;
}

/** A series of a task, and the bars to read for it; null: none are new. */
export interface TaskSeries extends IndicatorSeries {
  wanted: BarsWanted | null;
}

/** Series that are not asked for continue only where everything of their alignment begins again. */
export function listSeries(
  task: AssetTask,
  { row }: CarryInWork,
  { bars, tfs, known }: SeriesScope,
): TaskSeries[] {
  const { id, alignment } = task;
  const prefix = `${alignment} `;
  const ofAlignment = [...bars].filter(([key]) => key.startsWith(prefix));
  // In the order of the key: an index that grows at its end is packed tighter.
  ofAlignment.sort(([a], [b]) => (a < b ? -1 : 1));
  return ofAlignment.flatMap(([key, open]) => {
    const tf = key.slice(prefix.length);
    const isAsked = tfs === null || tfs.includes(tf);
    if (!isAsked && (task.action === 'append' || !known.has(tf))) return [];
    const before = row.series.get(tf) ?? null;
    const afterSeq = before?.barSeq ?? 0;
    if (before !== null && before.takenDay >= open.day && afterSeq >= open.closedSeq) return [];
    const series = { id, alignment, tf };
    return [
      { ...series, bars: open, before, wanted: open.closedSeq > afterSeq ? { ...series, afterSeq } : null },
    ];
  });
}

/** Series of a row whose bars are gone. A run of some timeframes leaves them alone. */
export function listOrphans(
  { id, alignment }: AssetTask,
  { row }: CarryInWork,
  { bars, tfs }: SeriesScope,
): AssetSeries[] {
  if (tfs !== null) return [];
  return [...row.series.keys()]
    .filter((tf) => !bars.has(`${alignment} ${tf}`))
    .map((tf) => ({ id, alignment, tf }));
}
