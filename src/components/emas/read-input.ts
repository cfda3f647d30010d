/** Everything that the EMAs of a batch continue from: rows, bases, bars. */
import { type BarCloses, KERNEL_VERSION } from '../../domain/emas/series.js';
import type { EmaFacts, EmaPlan } from '../../domain/planning/plan-emas.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import { type BarReaches, readBarReach } from '../../storage/bars/bars.js';
import { readEmaBases } from '../../storage/emas/bases.js';
import { type EmaCarryRow, readEmaCarries } from '../../storage/emas/ema-states.js';
import { readAllBarCloses, readBarCloses } from '../../storage/emas/emas.js';
import {
  type AssetSeries,
  alignmentKey,
  type ByAsset,
  putSeries,
  seriesKey,
} from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';
import {
  type AssetTask,
  type EmaSeries,
  isFit,
  listSeries,
  rowBefore,
  type SeriesInput,
} from './step-alignments.js';

/** An asset with its facts and what they lead to. */
export interface PlannedEmas {
  facts: EmaFacts;
  plan: EmaPlan;
}

/** By asset and alignment: the bases from before what has changed, with the periods of today. */
export async function findBases(tx: Tx, planned: readonly PlannedEmas[]): Promise<Map<string, EmaCarryRow>> {
  const wanted = planned.flatMap(({ plan: { id, tasks } }) =>
    tasks.flatMap(({ alignment, repairFrom }) =>
      repairFrom === null ? [] : [{ id, alignment, beforeDay: repairFrom }],
    ),
  );
  const periods = planned[0]?.facts.periods.join();
  const bases = await readEmaBases(tx, wanted);
  return new Map(
    [...bases].filter(
      ([, { asset }]) => asset?.kernelVersion === KERNEL_VERSION && asset.periods.join() === periods,
    ),
  );
}

/** The series of each task. A base that does not fit after all is given up: its alignment is read from the first day. */
export async function readSeries(
  tx: Tx,
  tasks: readonly AssetTask[],
  scope: Pick<SeriesInput, 'tfs' | 'periods'>,
): Promise<{ input: Input; series: Map<AssetTask, EmaSeries[]> }> {
  const input = await readInput(tx, tasks, scope);
  const series = new Map(tasks.map((task) => [task, listSeries(task, input)]));
  const unfit = tasks.filter((task) => task.base !== null && !isFit(task.base, series.get(task) ?? []));
  if (unfit.length === 0) return { input, series };
  for (const task of unfit) task.base = null;
  return readSeries(tx, tasks, scope);
}

/** What the series of tasks continue from, with those whose timeframe was taken out. */
export type Input = SeriesInput & { orphans: AssetSeries[] };

/** Everything that the tasks' series continue from, and the series among them whose timeframe was taken out. */
async function readInput(
  tx: Tx,
  tasks: readonly AssetTask[],
  { tfs, periods }: Pick<SeriesInput, 'tfs' | 'periods'>,
): Promise<Input> {
  const timeframes = await readTimeframes(tx);
  const known = new Set(timeframes.map(seriesKey));
  const ids = [...new Set(tasks.map(({ id }) => id))];
  const alignments = [...new Set(tasks.map(({ alignment }) => alignment))];
  const carries = await readEmaCarries(tx, ids, alignments);
  const orphans: AssetSeries[] = [];
  for (const { id, alignment } of tasks) {
    const row = carries.get(alignmentKey(id, alignment));
    for (const tf of [...(row?.series.keys() ?? []), ...(row?.lags.keys() ?? [])])
      if (!known.has(seriesKey({ alignment, tf }))) orphans.push({ id, alignment, tf });
  }
  const bars = await readBarReach(tx, ids, alignments);
  const closes = await readCloses(tx, tasks, { carries, bars, known });
  return { timeframes, tfs, periods, carries, orphans, closes, bars };
}

interface Reached {
  carries: ReadonlyMap<string, EmaCarryRow>;
  bars: BarReaches;
  /** Keys of the series that dim_timeframe has. */
  known: ReadonlySet<string>;
}

/** Bars to take in: for a repair or a rebuild all of them, else those that the series have not seen. */
async function readCloses(
  tx: Tx,
  tasks: readonly AssetTask[],
  reached: Reached,
): Promise<ByAsset<BarCloses>> {
  const isFromStart = ({ action, base }: AssetTask) => action !== 'append' && base === null;
  const fromStart = tasks.filter(isFromStart);
  const appended = tasks.filter((task) => !isFromStart(task));
  const closes = await readBarCloses(
    tx,
    appended.flatMap((task) => listUnseen(task, reached)),
  );
  if (fromStart.length === 0) return closes;
  const ids = [...new Set(fromStart.map(({ id }) => id))];
  const alignments = [...new Set(fromStart.map(({ alignment }) => alignment))];
  const wanted = new Set(fromStart.map(({ id, alignment }) => alignmentKey(id, alignment)));
  for (const [id, series] of await readAllBarCloses(tx, ids, alignments)) {
    for (const [key, value] of series) {
      const [alignment, tf] = key.split(' ') as [AssetTask['alignment'], string];
      if (wanted.has(alignmentKey(id, alignment))) putSeries(closes, { id, alignment, tf }, value);
    }
  }
  return closes;
}

/** Series of a task whose newest closed bar lies beyond what their EMAs have taken in. */
function listUnseen(task: AssetTask, { carries, bars, known }: Reached) {
  const { id, alignment } = task;
  const states = rowBefore(task, carries)?.series;
  const unseen: (AssetSeries & { afterSeq: number })[] = [];
  for (const [tf, { closedSeq }] of bars.get(alignmentKey(id, alignment)) ?? []) {
    const afterSeq = states?.get(tf)?.barSeq ?? 0;
    if (closedSeq > afterSeq && known.has(seriesKey({ alignment, tf })))
      unseen.push({ id, alignment, tf, afterSeq });
  }
  return unseen;
}
